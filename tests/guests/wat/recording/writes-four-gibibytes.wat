;; Writes more than its memory holds.
(core module $main
  {{head}}
    (call $write (local.get $report) (i32.const 16) (i32.const -1))
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (i32.const 32)))
