;; Reads the recording after it gave it back.
(core module $main
  {{head}}
    (call $drop-audio (local.get $audio))
    (call $drop-report (local.get $report))
    (call $read (local.get $audio) (i32.const 48) (i32.const 64))
    (i32.const 32)))
