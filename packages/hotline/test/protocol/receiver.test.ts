import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LimitError, ProtocolError } from '../../src/errors.ts'
import type { Role } from '../../src/protocol/opcode.ts'
import { Receiver } from '../../src/protocol/receiver.ts'
import type { TextCodec } from '../../src/protocol/text.ts'
import type { Told } from '../vectors/vector.ts'
import {
  codecs,
  feed,
  frame,
  fromPeer,
  hex,
  join,
  KEY,
  law,
  masked,
  Notes,
  receiver,
  roles,
  shape,
  shapes,
  toHex,
  utf8,
} from './support.ts'

const TEXT = 0x1
const BINARY = 0x2
const FIN = 0x80

/** Lengths around each border of the header's forms. */
const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 40 }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 95, 96, 97, 124, 125, 126, 127, 128, 4095, 4096, 4097) },
  { weight: 1, arbitrary: fc.constantFrom(65534, 65535, 65536, 65537) },
)
const keys = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const control = fc.record({
  opcode: fc.constantFrom(0x8, 0x9, 0xa),
  payload: fc.uint8Array({ maxLength: 125 }),
})
/** A message cut into fragments, with control frames behind each of them. */
const message = fc
  .record({
    text: fc.boolean(),
    size: sizes,
    seed: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
    controls: fc.array(fc.option(control, { nil: undefined }), { minLength: 5, maxLength: 5 }),
  })
  .map(({ text, size, seed, cuts, controls }) => {
    const content = text ? utf8(seed.repeat(Math.ceil(size / seed.length))) : new Uint8Array(size).fill(size)
    const borders = [0, ...cuts.map(cut => cut % (content.length + 1)).sort((a, b) => a - b), content.length]
    const opcode = text ? TEXT : BINARY
    const fragments = borders.slice(1).map((end, i) => ({
      first: (i === borders.length - 2 ? FIN : 0) | (i === 0 ? opcode : 0),
      payload: content.subarray(borders[i], end),
      control: controls[i],
    }))
    const told: Told = text
      ? ['text', new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)]
      : ['binary', toHex(content)]
    return { fragments, told }
  })

const name = { 8: 'close', 9: 'ping', 10: 'pong' } as const

/** What a peer sends of these messages, and what is to be told of it. */
function sent(
  role: Role,
  messages: readonly (typeof message extends fc.Arbitrary<infer M> ? M : never)[],
  key: number,
) {
  const bytes: Uint8Array[] = []
  const told: Told[] = []
  let salt = key
  const put = (first: number, payload: Uint8Array): void => {
    salt = (salt * 69069 + 1) | 0
    bytes.push(frame(first, payload, role === 'server' ? salt : undefined))
  }
  for (const { fragments, told: whole } of messages)
    for (const [i, { first, payload, control: between }] of fragments.entries()) {
      put(first, payload)
      if (i === fragments.length - 1) told.push(whole)
      if (between === undefined) continue
      put(FIN | between.opcode, between.payload)
      told.push([name[between.opcode as keyof typeof name], toHex(between.payload)])
    }
  return { bytes: join(bytes), told }
}

for (const [codecName, codec] of codecs)
  for (const role of roles)
    describe(`a ${role}'s receiver with the ${codecName} codec`, () => {
      const maxMessage = 1 << 22

      test('reads what was sent, whatever the sizes, the fragments and the chunks', () =>
        law(
          fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), keys, shape(), (messages, key, chunks) => {
            const { bytes, told } = sent(role, messages, key)
            for (const split of [[0], chunks, chunks.map(size => size * 997)]) {
              const { notes, read } = receiver(role, { codec, maxMessage })
              read(bytes, split)
              expect(notes.told).toEqual(told)
            }
          }),
          60,
        ))

      test('makes the same of any bytes however they are split', () =>
        law(
          fc.property(
            fc.array(message, { minLength: 1, maxLength: 3 }),
            keys,
            shape(),
            fc.nat(),
            fc.nat({ max: 255 }),
            (messages, key, chunks, at, octet) => {
              const { bytes } = sent(role, messages, key)
              bytes[at % bytes.length] = octet
              const outcomes = [[0], [1], chunks].map(split => {
                const { notes, read } = receiver(role, { codec, maxMessage: 70_000 })
                read(bytes, split)
                return [notes.told, notes.error?.message, notes.error?.code]
              })
              expect(outcomes[1]).toEqual(outcomes[0])
              expect(outcomes[2]).toEqual(outcomes[0])
            },
          ),
          60,
        ))

      test('tells messages or exactly one error of any bytes at all, and throws nothing', () =>
        law(
          fc.property(fc.uint8Array({ maxLength: 80 }), shape(), (bytes, chunks) => {
            const { notes, read } = receiver(role, { codec, maxMessage: 1000 })
            expect(read(bytes, chunks)).toHaveLength(0)
            const failures = notes.told.filter(([what]) => what === 'fail')
            expect(failures.length).toBeLessThanOrEqual(1)
            if (notes.error === undefined) return
            expect(notes.told.at(-1)).toBe(failures[0])
            expect(notes.error).toBeInstanceOf(ProtocolError)
            expect([1002, 1007, 1008, 1009]).toContain(notes.error.closeCode)
          }),
          1000,
        ))

      test('keeps no view of the bytes that it was lent', () => {
        const { it, notes } = receiver(role, { codec })
        const kept: Uint8Array[] = []
        notes.binary = data => {
          kept.push(data)
        }
        const bytes = fromPeer(role, '82 03 01 02 03 | 02 02 04 05 | 80 02 06 07')
        it.receive(bytes, 0, bytes.length)
        bytes.fill(0xee)
        expect(kept.map(data => toHex(data))).toEqual(['01 02 03', '04 05 06 07'])
        for (const data of kept) {
          expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype)
          expect(data.buffer.byteLength).toBe(data.length)
        }
      })

      test('knows whether it is in the middle of a message', () => {
        const { it, read } = receiver(role, { codec })
        expect(it.midMessage).toBe(false)
        const steps: readonly (readonly [frames: string, mid: boolean])[] = [
          ['81 01 41', false],
          ['01 01 41', true],
          ['89 00', true],
          ['80 01 42', false],
          ['89 00', false],
        ]
        for (const [frames, mid] of steps) {
          read(fromPeer(role, frames))
          expect(it.midMessage).toBe(mid)
        }
        const bytes = fromPeer(role, '81 03 41 42 43')
        for (const [at, octet] of bytes.entries()) {
          it.receive(Uint8Array.of(octet), 0, 1)
          expect(it.midMessage).toBe(at < bytes.length - 1)
        }
      })

      describe.each(shapes)('when bytes come %s', (_, chunks) => {
        test('stops behind the frame in which it was paused, and reads the rest when it is resumed', () => {
          const { it, notes, read } = receiver(role, { codec })
          notes.on = () => it.pause()
          let bytes = fromPeer(role, '81 01 41 | 89 01 07 | 01 01 42 | 00 01 43 | 80 01 44 | 82 00 | 81 01 45')
          const told: Told[] = [
            ['text', 'A'],
            ['ping', '07'],
            ['text', 'BCD'],
            ['binary', ''],
            ['text', 'E'],
          ]
          for (let calls = 1; calls <= told.length; calls++) {
            bytes = read(bytes, chunks)
            expect(notes.told).toEqual(told.slice(0, calls))
            expect(read(bytes)).toEqual(bytes)
            expect(notes.told).toHaveLength(calls)
            it.resume()
          }
          expect(bytes).toHaveLength(0)
        })

        test('may be paused in the middle of a frame, and goes on there', () => {
          const { it, notes } = receiver(role, { codec })
          const bytes = fromPeer(role, '81 05 48 65 6c 6c 6f')
          const half = bytes.length - 2
          feed(it, bytes.subarray(0, half), chunks)
          it.pause()
          expect(feed(it, bytes.subarray(half), chunks)).toEqual(bytes.subarray(half))
          it.resume()
          feed(it, bytes.subarray(half), chunks)
          expect(notes.told).toEqual([['text', 'Hello']])
        })

        test('reads nothing behind the frame in which it was stopped, and leaves nothing', () => {
          for (const stopAt of [1, 2, 3, 4]) {
            const { it, notes, read } = receiver(role, { codec })
            notes.on = () => {
              if (notes.told.length === stopAt) it.stop()
            }
            expect(read(fromPeer(role, '81 01 41 | 89 01 07 | 01 00 | 80 01 42 | 82 00 | ff 00'), chunks)).toHaveLength(
              0,
            )
            expect(notes.told).toHaveLength(stopAt)
            expect(notes.error).toBeUndefined()
          }
        })

        test('may be stopped while it is paused, or in the middle of a frame or a header', () => {
          for (const cut of [1, 3, 5]) {
            const { it, notes, read } = receiver(role, { codec })
            read(fromPeer(role, '01 02 41 42 | 80 02 43 44').subarray(0, cut), chunks)
            it.pause()
            it.stop()
            expect(read(fromPeer(role, '81 01 41'), chunks)).toHaveLength(0)
            it.resume()
            expect(read(fromPeer(role, '81 01 41'), chunks)).toHaveLength(0)
            expect(notes.told).toEqual([])
          }
        })

        test('reads a control frame of which each byte comes between fragments of a character', () => {
          const { notes, read } = receiver(role, { codec })
          read(fromPeer(role, '01 01 f0 | 8a 03 ff fe fd | 00 01 9f | 89 00 | 00 01 98 | 80 01 80'), chunks)
          expect(notes.told).toEqual([
            ['pong', 'ff fe fd'],
            ['ping', ''],
            ['text', '😀'],
          ])
        })

        test('lets 1024 fragments of a message be empty, and no more', () => {
          const flood = (count: number) => fromPeer(role, ['01 00', ...Array(count - 1).fill('00 00')].join('|'))
          const { notes, read } = receiver(role, { codec })
          for (let i = 0; i < 3; i++) {
            read(flood(1024), chunks)
            read(fromPeer(role, '80 01 41'), chunks)
          }
          expect(notes.told).toEqual([
            ['text', 'A'],
            ['text', 'A'],
            ['text', 'A'],
          ])
          read(flood(1025), chunks)
          expect(notes.told.at(-1)).toEqual(['fail', 1008])
          expect(notes.error).toBeInstanceOf(LimitError)
        })

        test('does not count fragments that hold something, nor the last one, nor whole messages', () => {
          const { notes, read } = receiver(role, { codec })
          read(fromPeer(role, ['02 01 07', ...Array(1100).fill('00 01 07'), '80 00'].join('|')), chunks)
          read(fromPeer(role, ['01 00', ...Array(1023).fill('00 00'), '80 00'].join('|')), chunks)
          read(fromPeer(role, Array(1100).fill('81 00').join('|')), chunks)
          expect(notes.error).toBeUndefined()
          expect(notes.told).toHaveLength(1 + 1 + 1100)
        })
      })

      test('passes on what a sink throws, which is a fault of the sink and not of the peer', () => {
        const { it, notes } = receiver(role, { codec })
        const fault = new TypeError('a fault')
        notes.on = ([what]) => {
          if (what === 'text') throw fault
        }
        const bytes = fromPeer(role, '81 01 41')
        expect(() => it.receive(bytes, 0, bytes.length)).toThrow(fault)
        expect(notes.told).toEqual([['text', 'A']])
      })

      test('tells the codec where text is ASCII, and has it checked where it may not be', () => {
        const told: unknown[] = []
        const spy: TextCodec = {
          ...codec,
          isUtf8(bytes, start, end) {
            told.push('checked')
            return codec.isUtf8(bytes, start, end)
          },
          decode(bytes, start, end, ascii) {
            told.push(ascii)
            return codec.decode(bytes, start, end, ascii)
          },
        }
        for (const chunks of [[0], [1]]) {
          const { read } = receiver(role, { codec: spy })
          const ascii = (frames: string): boolean => {
            told.length = 0
            read(fromPeer(role, frames), chunks)
            if (told.at(-1) === true) expect(told).toEqual([true])
            return told.at(-1) === true
          }
          expect(ascii('81 02 41 42')).toBe(true)
          expect(ascii('01 01 41 | 00 00 | 80 01 42')).toBe(true)
          expect(ascii('81 03 c3 a4 41')).toBe(false)
          expect(ascii('01 01 41 | 00 02 c3 a4 | 80 01 42')).toBe(false)
          expect(ascii('01 01 41 | 80 01 42')).toBe(true)
        }
      })
    })

// threats.md 1, 2: what a declared length, and what little bytes may cost.
describe.each(roles)('the memory of a %s', role => {
  const watched = (codec: TextCodec, maxMessage: number) => {
    let asked = 0
    const count = (size: number): number => {
      asked += size
      return size
    }
    const counting: TextCodec = {
      ...codec,
      allocate: size => codec.allocate(count(size)),
      copy: (bytes, start, end) => codec.copy(bytes, start, start + count(end - start)),
    }
    const notes = new Notes()
    const it = new Receiver({ role, maxMessage, codec: counting }, notes)
    return { notes, it, asked: () => asked }
  }
  const [, codec] = codecs[0] as (typeof codecs)[number]

  test.each([
    ['1 MiB', '82 7f 00*5 10 00 00'],
    ['4 GiB', '82 7f 00*3 01 00*4'],
    ['2^52', '82 7f 00 10 00*6'],
  ])('is 4 KiB at most for a declared length of %s, below the limit', (_, header) => {
    const { it, notes, asked } = watched(codec, Number.MAX_SAFE_INTEGER)
    feed(it, fromPeer(role, `${header} 01`))
    expect(notes.told).toEqual([])
    expect(asked()).toBeLessThanOrEqual(4096)
  })

  test.each([
    ['one more than the limit', '82 7f 00*5 10 00 01'],
    ['2^53', '82 7f 00 20 00*6'],
    ['2^63-1', '82 7f 7f ff*7'],
  ])('is nothing for a declared length of %s', (_, header) => {
    const { it, notes, asked } = watched(codec, 1 << 20)
    feed(it, fromPeer(role, `${header} 01`))
    expect(notes.told).toEqual([['fail', 1009]])
    expect(notes.error).toMatchObject({ code: 'ERR_LIMIT', limit: { option: 'maxMessage', value: 1 << 20 } })
    expect(asked()).toBe(0)
  })

  test.each(['2^53|00 20 00*6', '2^53+1|00 20 00*5 01', '2^63-1|7f ff*7'].map(row => row.split('|')))(
    'is bounded without a limit too: %s cannot be counted',
    (_, length) => {
      const { it, notes, asked } = watched(codec, Number.POSITIVE_INFINITY)
      feed(it, fromPeer(role, `82 7f ${length} 01`))
      expect(notes.told).toEqual([['fail', 1009]])
      expect(asked()).toBe(0)
    },
  )

  test('does not grow with fragments without a byte', () => {
    const { it, asked } = watched(codec, 1 << 20)
    feed(it, fromPeer(role, ['02 00', ...Array(1000).fill('00 00')].join('|')))
    expect(asked()).toBeLessThanOrEqual(4096)
  })

  test('is a few times what has come, however small the fragments are', () => {
    const { it, asked } = watched(codec, 1 << 20)
    feed(it, fromPeer(role, ['02 01 07', ...Array(20_000).fill('00 01 07')].join('|')))
    expect(asked()).toBeLessThan(4 * 20_000)
  })

  test('takes one copy for a message in one frame in one chunk', () => {
    const { it, asked } = watched(codec, 1 << 20)
    feed(it, fromPeer(role, '82 7e 03 e8 07*1000'))
    expect(asked()).toBe(1000)
  })
})

test('a server unmasks with the key as it lies, not as it was for the frame before', () => {
  const { notes, read } = receiver('server')
  const plain = frame(FIN | BINARY, hex('01 02 03 04 05 06 07'))
  read(join([masked(plain), masked(plain, ~KEY), masked(plain, 0)]), [3])
  expect(notes.told).toEqual(Array(3).fill(['binary', '01 02 03 04 05 06 07']))
})
