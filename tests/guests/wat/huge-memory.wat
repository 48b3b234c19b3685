;; Has a memory of 1 GiB before anything of it runs.
(core module $main
  (memory (export "memory") 16384)
  {{calm}}
)
