;; At 32 lies a result: the answer `{}`, which lies at 16, without any facts.
(data (i32.const 16) "{}")
(data (i32.const 32) "\00\00\00\00\10\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00")
