;; Traps while it is instantiated.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
  (func $start (unreachable))
  (start $start))
