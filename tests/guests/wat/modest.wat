;; Imports nothing, and answers.
(core module $main
  (memory (export "memory") 1)
  {{calm}}
)
