;; Has four thousand facts, each of which is the same 60 KiB twice: what takes little room
;; in the guest would take 480 MiB in the host.
(core module $main
  (memory (export "memory") 2)
  {{realloc}}
  (data (i32.const 16) "{}")
  (data (i32.const 32) "\00\00\00\00\10\00\00\00\02\00\00\00\00\00\01\00\00\10\00\00")
  (func (export "lookup") (param i32) (result i32)
    (local $fact i32)
    (memory.fill (i32.const 2048) (i32.const 0x61) (i32.const 61440))
    (local.set $fact (i32.const 65536))
    (loop $next
      (i32.store (local.get $fact) (i32.const 2048))
      (i32.store offset=4 (local.get $fact) (i32.const 61440))
      (i32.store offset=8 (local.get $fact) (i32.const 2048))
      (i32.store offset=12 (local.get $fact) (i32.const 61440))
      (local.set $fact (i32.add (local.get $fact) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $fact) (i32.const 131072))))
    (i32.const 32))
  (func (export "post") (param i32)))
