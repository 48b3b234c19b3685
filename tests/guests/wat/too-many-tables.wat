;; Has more tables than any guest may have.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref)
  (table 1 funcref))
