;; Has two memories in one module, which no pool slot is made for.
(core module $main
  (memory (export "memory") 1)
  (memory 1)
  {{calm}})
