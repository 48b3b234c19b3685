;; Says that its result lies beyond the end of its memory.
(core module $main
  (memory (export "memory") 1)
  {{realloc}}
  {{empty}}
  (func (export "lookup") (param i32) (result i32) (i32.const 0xfffffff0))
  (func (export "post") (param i32) ))
