;; Asks for 25 MiB in four memories before anything of it runs.
(core module $main
  (memory (export "memory") 100)
  {{calm}}
  (memory 100)
  (memory 100)
  (memory 100))
