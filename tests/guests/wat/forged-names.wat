;; Traps in a function whose name a careless log would print: it ends the line, starts
;; another, and colours the terminal.
(core module $main (@name "\0d\0a2026-01-31T00:00:00Z  INFO forged=1 \1b[2J")
  (memory (export "memory") 1)
  {{mute}}
  (func $fall (@name "fall\0a2026-01-31T00:00:00Z ERROR forged=2 \1b[31m \c2\9b31m \e2\80\ae \07")
    (unreachable))
  (func (export "lookup") (param $request i32) (result i32)
    (call $fall)
    (unreachable)))
