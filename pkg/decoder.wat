;; Puts the code of the core together again from the texts that it was taken apart into, see inline.mjs: in JavaScript that takes
;; a program that has just begun twenty milliseconds, here it takes less than one.
;;
;; In memory, as inline.mjs lays it out: at 0 where each text goes on, 4 bytes each; at 1024 the instructions, 16 bytes each (which
;; text has what follows, how many bytes it is, and they); then the texts; at 262144 what becomes of them.
(module
  (memory (export "m") 8)
  (global $to (mut i32) (i32.const 262144))
  ;; The next number of a text: digits to the base of 33, up to the first below 60.
  (func $number (param $from i32) (result i32)
    (local $value i32) (local $weight i32) (local $digit i32)
    (local.set $weight (i32.const 1))
    (local.set $from (i32.shl (local.get $from) (i32.const 2)))
    (loop $next
      (local.set $digit (i32.load8_u (i32.load (local.get $from))))
      (i32.store (local.get $from) (i32.add (i32.load (local.get $from)) (i32.const 1)))
      (local.set $digit
        (i32.sub
          (i32.sub (i32.sub (local.get $digit) (i32.const 32)) (i32.gt_u (local.get $digit) (i32.const 34)))
          (i32.gt_u (local.get $digit) (i32.const 92))))
      (local.set $value (i32.add (local.get $value) (i32.mul (local.get $digit) (local.get $weight))))
      (local.set $weight (i32.mul (local.get $weight) (i32.const 33)))
      (br_if $next (i32.ge_u (local.get $digit) (i32.const 60))))
    (local.get $value))
  (func $byte (param $byte i32)
    (i32.store8 (global.get $to) (local.get $byte))
    (global.set $to (i32.add (global.get $to) (i32.const 1))))
  (func $write (param $value i32)
    (loop $more
      (if (i32.gt_u (local.get $value) (i32.const 127))
        (then
          (call $byte (i32.or (local.get $value) (i32.const 128)))
          (local.set $value (i32.shr_u (local.get $value) (i32.const 7)))
          (br $more))))
    (call $byte (local.get $value)))
  (func $copy (param $from i32) (param $times i32)
    (loop $more
      (if (local.get $times)
        (then
          (call $write (call $number (local.get $from)))
          (local.set $times (i32.sub (local.get $times) (i32.const 1)))
          (br $more)))))
  ;; So many functions; gives where they end.
  (func (export "f") (param $bodies i32) (result i32)
    (local $begin i32) (local $depth i32) (local $at i32) (local $kind i32) (local $value i32) (local $length i32)
    (loop $body
      (local.set $begin (global.get $to))
      (call $write (local.tee $value (call $number (i32.const 1))))
      (call $copy (i32.const 1) (i32.shl (local.get $value) (i32.const 1)))
      (local.set $depth (i32.const 1))
      (loop $step
        (local.set $at (i32.add (i32.const 1024) (i32.shl (call $number (i32.const 0)) (i32.const 4))))
        (local.set $kind (i32.load8_u (local.get $at)))
        (i64.store (global.get $to) (i64.load offset=2 (local.get $at)))
        (i64.store offset=8 (global.get $to) (i64.load offset=10 (local.get $at)))
        (global.set $to (i32.add (global.get $to) (i32.load8_u offset=1 (local.get $at))))
        ;; `end`, which is one byte.
        (local.set $depth (i32.sub (local.get $depth) (i32.eq (i32.load16_u offset=1 (local.get $at)) (i32.const 0x0b01))))
        (local.set $depth (i32.add (local.get $depth) (i32.eq (local.get $kind) (i32.const 2))))
        ;; The alignment before an offset.
        (if (i32.eq (local.get $kind) (i32.const 4)) (then (call $byte (i32.const 0))))
        (if (local.get $kind)
          (then
            (local.set $value (call $number (local.get $kind)))
            (if (i32.eq (local.get $kind) (i32.const 6))
              (then
                (local.set $value
                  (i32.xor (i32.shr_u (local.get $value) (i32.const 1)) (i32.sub (i32.const 0) (i32.and (local.get $value) (i32.const 1)))))
                (loop $signed
                  (if (i32.gt_u (i32.add (local.get $value) (i32.const 64)) (i32.const 127))
                    (then
                      (call $byte (i32.or (local.get $value) (i32.const 128)))
                      (local.set $value (i32.shr_s (local.get $value) (i32.const 7)))
                      (br $signed))))
                (call $byte (i32.and (local.get $value) (i32.const 127))))
              (else
                (if (i32.eq (local.get $kind) (i32.const 9))
                  (then
                    (loop $long
                      (call $byte (local.get $value))
                      (if (i32.and (local.get $value) (i32.const 128))
                        (then (local.set $value (call $number (i32.const 9))) (br $long)))))
                  (else
                    (call $write (local.get $value))
                    (if (i32.eq (local.get $kind) (i32.const 8))
                      (then (call $copy (i32.const 8) (i32.add (local.get $value) (i32.const 1)))))))))))
        (br_if $step (local.get $depth)))
      ;; The length goes before it: what was written makes room.
      (local.set $length (i32.sub (global.get $to) (local.get $begin)))
      (local.set $at
        (i32.add
          (i32.add (i32.add (local.get $begin) (i32.const 1)) (i32.gt_u (local.get $length) (i32.const 127)))
          (i32.gt_u (local.get $length) (i32.const 16383))))
      (memory.copy (local.get $at) (local.get $begin) (local.get $length))
      (global.set $to (local.get $begin))
      (call $write (local.get $length))
      (global.set $to (i32.add (local.get $at) (local.get $length)))
      (br_if $body (local.tee $bodies (i32.sub (local.get $bodies) (i32.const 1)))))
    (global.get $to)))
