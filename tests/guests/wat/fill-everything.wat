;; Writes all over the largest memory that it gets, again and again: one instruction each
;; time, in which no guest can be stopped.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (func (export "lookup") (param $request i32) (result i32)
    (drop (memory.grow (i32.const 250)))
    (loop $again
      (memory.fill (i32.const 65536) (i32.const 1) (i32.const 16384000))
      (br $again))
    (unreachable)))
