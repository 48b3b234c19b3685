;; Has 48 000 elements in eight tables before anything of it runs.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
  (table 6000 funcref)
  (table 6000 funcref)
  (table 6000 funcref)
  (table 6000 funcref)
  (table 6000 funcref)
  (table 6000 funcref)
  (table 6000 funcref)
  (table 6000 funcref))
