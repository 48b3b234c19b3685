;; Has the request written beyond the end of its memory.
(core module $main
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 0xfffffff0))
  {{empty}}
  (func (export "lookup") (param i32) (result i32) (i32.const 32))
  (func (export "post") (param i32) ))
