;; Imports the network, which nobody granted.
(import "wasi:sockets/network@0.2.0" (instance (export "network" (type (sub resource)))))
(core module $main
  (memory (export "memory") 1)
  {{calm}}
)
