;; Never gets as far as its lookup: its start function does not end.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
  (func $start (loop $again (br $again)))
  (start $start))
