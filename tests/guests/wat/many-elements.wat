;; Wants a table of 30,000 elements, and answers if it gets it.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (table $table 1 funcref)
  (func (export "lookup") (param $request i32) (result i32)
    (if (i32.eq (table.grow $table (ref.null func) (i32.const 30000)) (i32.const -1))
      (then (unreachable)))
    (i32.const 32)))
