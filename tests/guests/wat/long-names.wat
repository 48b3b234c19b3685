;; Runs out of stack in functions whose names would fill twenty lines of a log each.
(core module $main
  (memory (export "memory") 1)
  {{mute}}
  (func $dive (@name "a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line-of-a-log-should-be-a-name-that-is-much-longer-than-any-line")
    (call $dive)
    (call $dive))
  (func (export "lookup") (param $request i32) (result i32)
    (call $dive)
    (unreachable)))
