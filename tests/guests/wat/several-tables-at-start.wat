;; Asks for 48 000 elements in eight tables, each of a module of its own, before anything
;; of it runs.
(core module $list (table 6000 funcref))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core instance (instantiate $list))
(core module $main
  (memory (export "memory") 1)
  {{calm}})
