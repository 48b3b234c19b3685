;; Asks for 25 MiB in four memories, each of a module of its own, before anything of it
;; runs.
(core module $store (memory 100))
(core instance (instantiate $store))
(core instance (instantiate $store))
(core instance (instantiate $store))
(core module $main
  (memory (export "memory") 100)
  {{calm}})
