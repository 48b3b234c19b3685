;; Lets a table grow until it gets no more.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (table $table 1 funcref)
  (func (export "lookup") (param $request i32) (result i32)
    (loop $again
      (if (i32.eq (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))
        (then (unreachable)))
      (br $again))
    (unreachable)))
