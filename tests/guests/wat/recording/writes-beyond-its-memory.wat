;; Writes what lies beyond the end of its memory.
(core module $main
  {{head}}
    (call $write (local.get $report) (i32.const 65535) (i32.const 2))
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (i32.const 32)))
