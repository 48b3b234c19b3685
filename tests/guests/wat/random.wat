;; Imports what it could do without: as much as any provider is granted.
(import "wasi:random/random@0.2.0"
  (instance (export "get-random-u64" (func (result u64)))))
(core module $main
  (memory (export "memory") 1)
  {{calm}}
)
