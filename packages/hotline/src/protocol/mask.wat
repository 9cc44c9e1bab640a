;; Masking with SIMD over bytes that lie in this module's memory. RFC 6455 §5.3
;; npm run wasm makes src/protocol/mask-wasm.ts of it.
(module
  ;; Five pages: the receive buffer of the process, and room beside it. It never grows, since growing would detach the buffer.
  (memory (export "memory") 5 5)

  ;; Masks the bytes from $at to $end; the key's lowest byte goes with the first.
  ;; Gives 0 when all resulting bytes are ASCII.
  (func (export "mask") (param $at i32) (param $end i32) (param $key i32) (result i32)
    (local $keys v128)
    (local $seen v128)
    (local $word v128)
    (local $last i32)
    (local $high i32)
    (local $byte i32)
    (local.set $keys (i32x4.splat (local.get $key)))
    (local.set $last (i32.sub (local.get $end) (i32.const 16)))
    (block $wide
      (br_if $wide (i32.gt_s (local.get $at) (local.get $last)))
      (loop $next
        (local.set $word (v128.xor (v128.load align=1 (local.get $at)) (local.get $keys)))
        (v128.store align=1 (local.get $at) (local.get $word))
        (local.set $seen (v128.or (local.get $seen) (local.get $word)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $next (i32.le_s (local.get $at) (local.get $last)))))
    (block $narrow
      (br_if $narrow (i32.ge_s (local.get $at) (local.get $end)))
      (loop $next
        (local.set $byte
          (i32.xor (i32.load8_u (local.get $at)) (i32.and (local.get $key) (i32.const 255))))
        (i32.store8 (local.get $at) (local.get $byte))
        (local.set $high (i32.or (local.get $high) (local.get $byte)))
        (local.set $key (i32.rotr (local.get $key) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_s (local.get $at) (local.get $end)))))
    (i32.or
      (i8x16.bitmask (local.get $seen))
      (i32.and (local.get $high) (i32.const 128)))))
