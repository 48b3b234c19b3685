;; Has more tables than any guest may have.
(core module $list (table 1 funcref))
(core instance (instantiate $list))
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
