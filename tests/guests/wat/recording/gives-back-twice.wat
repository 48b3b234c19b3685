;; Gives the recording back twice.
(core module $main
  {{head}}
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (i32.const 32)))
