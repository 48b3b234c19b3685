;; Has all the memories in one module that a guest may have.
(core module $main
  (memory (export "memory") 1)
  (memory 1) (memory 2) (memory 1)
  {{calm}})
