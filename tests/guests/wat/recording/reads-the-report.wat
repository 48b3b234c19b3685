;; Reads its report.
(core module $main
  {{head}}
    (call $read (local.get $report) (i32.const 48) (i32.const 64))
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (i32.const 32)))
