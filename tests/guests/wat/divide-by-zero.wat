;; Divides by zero.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (func (export "lookup") (param $request i32) (result i32)
    (i32.div_u (i32.const 1) (i32.load8_u (i32.const 0)))))
