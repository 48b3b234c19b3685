;; Calls through a table what is not there.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (table 10 funcref)
  (func (export "lookup") (param $request i32) (result i32)
    (call_indirect (result i32) (i32.const 7))))
