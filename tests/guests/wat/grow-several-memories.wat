;; Takes memory by turns into four memories until it gets no more.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (memory $two 1)
  (memory $three 1)
  (memory $four 1)
  (func $took (param $pages i32)
    (if (i32.eq (local.get $pages) (i32.const -1)) (then (unreachable))))
  (func (export "lookup") (param $request i32) (result i32)
    (loop $again
      (call $took (memory.grow 0 (i32.const 16)))
      (call $took (memory.grow $two (i32.const 16)))
      (call $took (memory.grow $three (i32.const 16)))
      (call $took (memory.grow $four (i32.const 16)))
      (br $again))
    (unreachable)))
