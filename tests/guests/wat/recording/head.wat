;; What every such module begins with. It ends in the midst of `analyze`, which has found
;; its handles.
(import "store" "memory" (memory 1))
(import "media" "read" (func $read (param i32 i32 i32)))
(import "media" "write" (func $write (param i32 i32 i32)))
(import "media" "drop-audio" (func $drop-audio (param i32)))
(import "media" "drop-report" (func $drop-report (param i32)))
(data (i32.const 16) "{}")
;; At 32 lies a result without any facts.
(data (i32.const 32) "\00\00\00\00\00\00\00\00\00\00\00\00")
(func (export "post") (param i32))
(func (export "analyze") (param $call i32) (result i32)
  (local $audio i32) (local $report i32)
  (local.set $audio (i32.load offset=168 (local.get $call)))
  (local.set $report (i32.load offset=172 (local.get $call)))
