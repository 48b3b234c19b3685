;; Makes a thousand resources of its own, and answers if it gets them.
(type $thing (resource (rep i32)))
(core func $new (canon resource.new $thing))
(core instance $things (export "new" (func $new)))
(core module $main
  (import "things" "new" (func $new (param i32) (result i32)))
  (memory (export "memory") 1)
  {{mute}}
  (func (export "lookup") (param $request i32) (result i32)
    (local $left i32)
    (local.set $left (i32.const 1000))
    (loop $again
      (drop (call $new (local.get $left)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (i32.const 32)))
