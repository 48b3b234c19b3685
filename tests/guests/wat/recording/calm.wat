;; Reports `{}`, and reads a piece before.
(core module $main
  {{head}}
    (call $read (local.get $audio) (i32.const 48) (i32.const 64))
    (call $write (local.get $report) (i32.const 16) (i32.const 2))
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (i32.const 32)))
