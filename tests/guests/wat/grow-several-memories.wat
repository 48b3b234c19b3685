;; Takes memory by turns into four memories, each of a module of its own, until it gets
;; no more.
(core module $store
  (memory 1)
  (func (export "grow") (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1))
    (then (unreachable)))))
(core instance $two (instantiate $store))
(core instance $three (instantiate $store))
(core instance $four (instantiate $store))
(core instance $things
  (export "two" (func $two "grow"))
  (export "three" (func $three "grow"))
  (export "four" (func $four "grow")))
(core module $main
  (import "things" "two" (func $two))
  (import "things" "three" (func $three))
  (import "things" "four" (func $four))
  (memory (export "memory") 1)
  {{mute}}
  (func (export "lookup") (param $request i32) (result i32)
    (loop $again
      (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (unreachable)))
      (call $two)
      (call $three)
      (call $four)
      (br $again))
    (unreachable)))
