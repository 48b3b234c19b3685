;; Has a table of ten million elements.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
  (table 10000000 funcref))
