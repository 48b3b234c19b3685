;; Imports what no host has.
(import "somebody:else/thing@1.0.0" (instance (export "thing" (func))))
(core module $main
  (memory (export "memory") 1)
  {{calm}}
)
