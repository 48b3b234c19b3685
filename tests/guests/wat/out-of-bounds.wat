;; Reads beyond the end of its memory.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (func (export "lookup") (param $request i32) (result i32)
    (i32.load (i32.const 0x7ffffff0))))
