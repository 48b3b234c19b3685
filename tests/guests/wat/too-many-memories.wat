;; Has more memories than any guest may have.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1))
