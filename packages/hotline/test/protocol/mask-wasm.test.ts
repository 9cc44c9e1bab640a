// The module that is embedded is the one that the text says, and it masks as the loop does.
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { embedded } from '../../../../scripts/wasm.mjs'
import { fastMemory, isAscii, look, mask } from '../../src/protocol/mask.ts'
import { MASK_WASM } from '../../src/protocol/mask-wasm.ts'

test('mask-wasm.ts is what mask.wat compiles to', async () => {
  expect(await embedded()).toContain(`'${MASK_WASM}'`)
})

test('in the fast memory, any bytes at any place are masked as one by one, and told apart from ASCII', () => {
  const memory = new Uint8Array(fastMemory as ArrayBuffer)
  const place = fc.nat({ max: 65_000 })
  const payload = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300, max: 127 }))
  fc.assert(
    fc.property(payload, place, fc.integer(), (bytes, at, key) => {
      const before = [memory[at - 1], memory[at + bytes.length]]
      const keys = [key & 255, (key >>> 8) & 255, (key >>> 16) & 255, key >>> 24]
      memory.set(
        bytes.map((byte, index) => byte ^ (keys[index & 3] as number)),
        at,
      )
      const seen = mask(memory, at, at + bytes.length, key)
      expect(memory.slice(at, at + bytes.length)).toEqual(bytes)
      expect(isAscii(seen)).toBe(bytes.every(byte => byte < 128))
      expect([memory[at - 1], memory[at + bytes.length]]).toEqual(before)
    }),
  )
})

test('in the fast memory, bytes of any number are looked at, and stay as they are', () => {
  const memory = new Uint8Array(fastMemory as ArrayBuffer)
  memory.fill(0x61, 0, 1000)
  expect(isAscii(look(memory, 7, 999))).toBe(true)
  memory[998] = 0xe9
  expect(isAscii(look(memory, 7, 999))).toBe(false)
  expect(isAscii(look(memory, 7, 998))).toBe(true)
  expect(memory.subarray(0, 998).every(byte => byte === 0x61)).toBe(true)
})

function outOfMemory(): never {
  throw new RangeError('WebAssembly.Instance(): Out of memory')
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test.each<[string, object | undefined]>([
  ['WebAssembly', undefined],
  ['SIMD', { validate: () => false }],
  ['memory for it', { validate: () => true, Module: Object, Instance: outOfMemory }],
])('without %s there is no fast memory, and masking is done by the loop', async (_, wasm) => {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', wasm)
  const slow = await import('../../src/protocol/mask.ts')
  expect(slow.fastMemory).toBeUndefined()
  const bytes = new Uint8Array([0x37, 0xfa, 0x21])
  expect(slow.isAscii(slow.mask(bytes, 0, 3, 0x3d21fa37))).toBe(true)
  expect(bytes).toEqual(new Uint8Array([0, 0, 0]))
})
