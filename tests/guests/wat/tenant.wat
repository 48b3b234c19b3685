;; Where a message comes with the request, it is a secret: it is written all over the
;; memory, the table, the global and the stack, and its first letter says what happens
;; then: `a` answers, `t` traps, `s` never ends, `m` runs out of memory, `d` out of stack,
;; and `f` searches after all, which must find it. Without a message, everything that must
;; be empty in a fresh instance is searched.
(core module $main
  (memory (export "memory") {{pages}})
  (table $table 100 funcref)
  (global $mark (mut i64) (i64.const 0))
  {{realloc}}
  (data (i32.const 16) "{\"clean\":true}")
  (data (i32.const 64) "{\"clean\":false}")

  (func (export "lookup") (param $request i32) (result i32)
    (local $json i32) (local $length i32) (local $search i32)
    (local.set $json (i32.const 16))
    (local.set $length (i32.const 14))
    (local.set $search (i32.const 1))
    (if (i32.load8_u offset=68 (local.get $request))
      (then
        (call $plant
          (i32.load offset=72 (local.get $request)) (i32.load offset=76 (local.get $request)))
        (local.set $search (i32.eq
          (i32.load8_u (i32.load offset=72 (local.get $request))) (i32.const 0x66)))))
    (if (local.get $search)
      (then (if (call $search)
        (then
          (local.set $json (i32.const 64))
          (local.set $length (i32.const 15))))))
    (i32.store8 (i32.const 256) (i32.const 0))
    (i32.store offset=4 (i32.const 256) (local.get $json))
    (i32.store offset=8 (i32.const 256) (local.get $length))
    (i32.store offset=12 (i32.const 256) (i32.const 0))
    (i32.store offset=16 (i32.const 256) (i32.const 0))
    (i32.const 256))

  (func (export "post") (param i32))

  (func $end (result i32) (i32.mul (memory.size) (i32.const 65536)))
  ;; The first eight bytes that the request does not reach into.
  (func $free (result i32)
    (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))

  (func $plant (param $secret i32) (param $length i32)
    (local $first i32)
    (local.set $first (i32.load8_u (local.get $secret)))
    (drop (memory.grow (i32.const 200)))
    (call $write (local.get $secret) (local.get $length))
    (drop (table.grow $table (ref.func $plant) (i32.const 500)))
    (table.fill $table (i32.const 0) (ref.func $plant) (table.size $table))
    (global.set $mark (i64.load (local.get $secret)))
    (drop (call $sink (global.get $mark) (i32.const 2000)))
    (if (i32.eq (local.get $first) (i32.const 0x74)) (then (unreachable)))
    (if (i32.eq (local.get $first) (i32.const 0x73)) (then (loop $again (br $again))))
    (if (i32.eq (local.get $first) (i32.const 0x64))
      (then (drop (call $sink (global.get $mark) (i32.const -1)))))
    (if (i32.eq (local.get $first) (i32.const 0x6d))
      (then
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (unreachable))))
  (elem declare func $plant)

  ;; Writes the secret once, and then what is written as often as there is room.
  (func $write (param $secret i32) (param $length i32)
    (local $start i32) (local $written i32) (local $room i32)
    (local.set $start (call $free))
    (local.set $room (i32.sub (call $end) (local.get $start)))
    (memory.copy (local.get $start) (local.get $secret) (local.get $length))
    (local.set $written (local.get $length))
    (loop $twice
      (if (i32.le_u (i32.shl (local.get $written) (i32.const 1)) (local.get $room))
        (then
          (memory.copy (i32.add (local.get $start) (local.get $written))
            (local.get $start) (local.get $written))
          (local.set $written (i32.shl (local.get $written) (i32.const 1)))
          (br $twice))))
    (memory.copy (i32.add (local.get $start) (local.get $written))
      (local.get $start) (i32.sub (local.get $room) (local.get $written))))

  (func $sink (param $mark i64) (param $depth i32) (result i64)
    (if (result i64) (local.get $depth)
      (then (i64.xor (local.get $mark)
        (call $sink (local.get $mark) (i32.sub (local.get $depth) (i32.const 1)))))
      (else (local.get $mark))))

  ;; Whether anything is not empty.
  (func $search (result i32)
    (local $old i32)
    (if (call $dirty (i32.const 256) (i32.const 1024)) (then (return (i32.const 1))))
    (if (call $dirty (call $free) (call $end)) (then (return (i32.const 1))))
    (local.set $old (call $end))
    (drop (memory.grow (i32.const 200)))
    (if (call $dirty (local.get $old) (call $end)) (then (return (i32.const 1))))
    (if (i64.ne (global.get $mark) (i64.const 0)) (then (return (i32.const 1))))
    (if (i32.ne (table.size $table) (i32.const 100)) (then (return (i32.const 1))))
    (drop (table.grow $table (ref.null func) (i32.const 500)))
    (call $listed))

  (func $dirty (param $from i32) (param $to i32) (result i32)
    (loop $next
      (if (i32.lt_u (local.get $from) (local.get $to))
        (then
          (if (i64.ne (i64.load (local.get $from)) (i64.const 0)) (then (return (i32.const 1))))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))
          (br $next))))
    (i32.const 0))

  (func $listed (result i32)
    (local $at i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (table.size $table))
        (then
          (if (i32.eqz (ref.is_null (table.get $table (local.get $at))))
            (then (return (i32.const 1))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (i32.const 0)))
