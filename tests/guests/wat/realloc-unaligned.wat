;; Has the request written where no record may lie.
(core module $main
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 1025))
  {{empty}}
  (func (export "lookup") (param i32) (result i32) (i32.const 32))
  (func (export "post") (param i32) ))
