;; Refuses in a way that the contract does not know.
(core module $main
  (memory (export "memory") 1)
  {{realloc}}
  (data (i32.const 16) "{}")
  (data (i32.const 32) "\01\00\00\00\09\00\00\00\10\00\00\00\02\00\00\00\10\00\00\00\02\00\00\00")
  (func (export "lookup") (param i32) (result i32) (i32.const 32))
  (func (export "post") (param i32)))
