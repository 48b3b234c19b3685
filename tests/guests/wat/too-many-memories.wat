;; Has more memories than any guest may have.
(core module $store (memory 1))
(core instance (instantiate $store))
(core instance (instantiate $store))
(core instance (instantiate $store))
(core instance (instantiate $store))
(core module $main
  (memory (export "memory") 1)
  {{calm}})
