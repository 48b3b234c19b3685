;; Traps by an instruction that is made for it.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (func (export "lookup") (param $request i32) (result i32)
    (unreachable)))
