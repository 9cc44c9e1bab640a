// RFC 7692 §7.2: messages as DEFLATE, by handles of zlib and by its documented functions: both must be the same.
import { randomBytes } from 'node:crypto'
import { createDeflateRaw, createInflateRaw, deflateRawSync, inflateRawSync, constants as zlib } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeflateEngine, DeflateForm } from '../../../src/connection/deflate-engine.ts'
import { Window } from '../../../src/connection/window.ts'
import { LimitError, ProtocolError } from '../../../src/errors.ts'
import { publicDeflate } from '../../../src/runtime/node/zlib.ts'
import { nodeDeflate } from '../../../src/runtime/node/zlib-handles.ts'

const isPublic = process.env.HOTLINE_LANE === 'public'

test('this Node has the handles, unless the public lane was asked for', () =>
  expect(nodeDeflate() === publicDeflate).toBe(isPublic))

const FORM: DeflateForm = { windowBits: 15, level: 3 }
const BITS = [8, 9, 10, 11, 12, 13, 14, 15]
const MIB = 1_048_576

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
const json = (rows: number): string =>
  JSON.stringify(Array.from({ length: rows }, (_, id) => ({ id, v: Math.sin(id) })))
const copied = (bytes: Uint8Array | undefined): Uint8Array | undefined => bytes && new Uint8Array(bytes)

/** A payload as any peer would make it. */
const payloadOf = (data: string | Uint8Array, options = {}): Uint8Array =>
  deflateRawSync(data, { finishFlush: zlib.Z_SYNC_FLUSH, ...options }).subarray(0, -4)

/** What a peer with a window of this size makes of a payload. */
const reads = (payload: Uint8Array, windowBits = 15): Uint8Array =>
  new Uint8Array(
    inflateRawSync(Buffer.concat([payload, hex('0000ffff')]), { windowBits, finishFlush: zlib.Z_SYNC_FLUSH }),
  )

const engines: [string, DeflateEngine][] = [
  ['handles of zlib', nodeDeflate()],
  ['documented functions', publicDeflate],
]

describe.each(engines)('inflating by %s', (_name, engine) => {
  const inflate = (payload: Uint8Array, limit = MIB, windowBits = 15): Uint8Array =>
    new Uint8Array(engine.inflate(payload, { windowBits, history: [] }, limit))
  const inflateText = (payload: Uint8Array): string => Buffer.from(inflate(payload)).toString()

  const vectors: [name: string, payload: string][] = [
    ['one block (§7.2.3.1)', 'f2 48 cd c9 c9 07 00'],
    ['a stored block (§7.2.3.3)', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['a last block (§7.2.3.4)', 'f3 48 cd c9 c9 07 00 00'],
    ['a last block without the byte behind it', 'f3 48 cd c9 c9 07 00'],
    ['two blocks (§7.2.3.5)', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ]
  for (const [name, payload] of vectors) {
    test(`reads ${name}`, () => expect(inflateText(hex(payload))).toBe('Hello'))
  }

  test('reads empty messages: as §7.2.3.6 has them, and without a byte, as a stream of zlib says the second one', () => {
    expect(inflate(hex('00'))).toHaveLength(0)
    expect(inflate(new Uint8Array(0))).toHaveLength(0)
  })

  const wrong: [name: string, payload: Uint8Array][] = [
    ['a block of the reserved kind', hex('07 ff ff ff')],
    ['a stored block whose length is wrong', hex('00 05 00 fa fe 48 65 6c 6c 6f 00')],
    ['a reference to before the beginning', hex('4b 04 22 00')],
    ['a message that breaks off', payloadOf(json(20)).subarray(0, 100)],
    ['a stored block that breaks off', hex('00 05 00 fa ff 48 65')],
    ['bytes behind the end of the stream', hex('f3 48 cd c9 c9 07 00 48')],
    ['a second stream', hex('f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00')],
    ['noise', hex('fe dc ba 98 76 54 32 10')],
    ['a stored block that lacks just the four bytes of the tail', hex('00 05 00 fa ff 48')],
  ]
  for (const [name, payload] of wrong) {
    test(`refuses ${name} with 1007, and reads the next one`, async () => {
      for (let i = 0; i < 3; i++) {
        const refused = (): unknown => inflate(payload)
        expect(refused).toThrow(expect.objectContaining({ closeCode: 1007 }))
        expect(refused).toThrow(ProtocolError)
        expect(inflateText(payloadOf('next'))).toBe('next')
      }
      const later = engine.inflateLater(payload, { windowBits: 15, history: [] }, MIB)
      await expect(later).rejects.toMatchObject({ closeCode: 1007 })
    })
  }

  // Around the memory that is kept, and the steps in which more is taken.
  for (const size of [1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, MIB]) {
    test(`reads ${size} bytes where as many are allowed, and refuses them with 1009 where one less is`, async () => {
      const data = new Uint8Array(size).map((_, i) => i >>> 5)
      const payload = payloadOf(data)
      expect(Buffer.compare(inflate(payload, size), data)).toBe(0)
      if (size === 1) return
      const refused = (): unknown => inflate(payload, size - 1)
      expect(refused).toThrow(LimitError)
      expect(refused).toThrow(
        expect.objectContaining({ closeCode: 1009, limit: { option: 'maxMessage', value: size - 1 } }),
      )
      const later = engine.inflateLater(payload, { windowBits: 15, history: [] }, size - 1)
      await expect(later).rejects.toMatchObject({ closeCode: 1009 })
      expect(Buffer.compare(inflate(payload, size), data)).toBe(0)
    })
  }

  test('reads a reference back into what went before, as far as it goes, in one piece and in two', () => {
    for (const bits of BITS) {
      const before = new Uint8Array(randomBytes(3 * 2 ** bits))
      const options = { windowBits: Math.max(bits, 9), dictionary: before.subarray(before.length - 2 ** bits) }
      const payload = payloadOf(before.subarray(before.length - 200), options)
      expect(payload.length).toBeLessThan(100)
      for (const cut of [0, 1, 2 ** bits - 1, 2 ** bits]) {
        const window = new Window(bits)
        window.remember(before.subarray(0, before.length - cut))
        window.remember(before.subarray(before.length - cut))
        const data = engine.inflate(payload, { windowBits: bits, history: window.pieces }, MIB)
        expect(Buffer.compare(data, before.subarray(before.length - 200))).toBe(0)
      }
    }
  })
})

describe.each(engines)('deflating by %s', (_name, engine) => {
  for (const windowBits of BITS) {
    test(`a peer with a window of ${windowBits} bits reads it, at once and later, text and bytes`, async () => {
      const text = json(2000)
      const shuffled = new Uint8Array(text.length).map((_, i) => text.charCodeAt((i * 7919) % 5000))
      for (const data of [text, 'é€😀'.repeat(500), shuffled]) {
        for (const level of [1, 3, 9]) {
          const bytes = new Uint8Array(Buffer.from(data as string))
          const payload = engine.deflate(data, { windowBits, level })
          if (payload !== undefined) expect(Buffer.compare(reads(payload, windowBits), bytes)).toBe(0)
          else expect(windowBits).toBe(8)
          const later = await engine.deflateLater(data, { windowBits, level })
          if (later !== undefined) expect(Buffer.compare(reads(later, windowBits), bytes)).toBe(0)
        }
      }
    })
  }

  test('runs are what a window of 8 bits is served by', () => {
    const data = new Uint8Array(5000)
    const payload = engine.deflate(data, { windowBits: 8, level: 3 }) as Uint8Array
    expect(payload.length).toBeLessThan(50)
    expect(reads(payload, 8)).toEqual(data)
    // zlib would refer back by three bytes here, and by more where there is more: never more than one is sure to fit.
    const threes = 'abc'.repeat(1000)
    expect((engine.deflate(threes, { windowBits: 8, level: 3 }) as Uint8Array).length).toBeGreaterThan(300)
    expect((engine.deflate(threes, { windowBits: 9, level: 3 }) as Uint8Array).length).toBeLessThan(100)
  })

  test('what would not be smaller has no payload, at once, later and with context; the next message has one', async () => {
    const deflater = engine.deflater(FORM)
    for (const size of [0, 1, 5, 1000, 70_000]) {
      const noise = new Uint8Array(randomBytes(size))
      expect(engine.deflate(noise, FORM)).toBeUndefined()
      expect(await engine.deflateLater(noise, FORM)).toBeUndefined()
      expect(deflater.deflate(noise)).toBeUndefined()
      const text = json(10)
      expect(Buffer.from(reads(engine.deflate(text, FORM) as Uint8Array)).toString()).toBe(text)
      deflater.reset()
      expect(Buffer.from(reads(deflater.deflate(text) as Uint8Array)).toString()).toBe(text)
    }
    deflater.close()
  })

  test('a deflater refers to what went before, until it is reset', () => {
    const deflater = engine.deflater(FORM)
    const first = copied(deflater.deflate(json(20))) as Uint8Array
    const second = copied(deflater.deflate(json(20))) as Uint8Array
    expect(second.length).toBeLessThan(first.length / 4)
    deflater.reset()
    expect(copied(deflater.deflate(json(20)))).toEqual(first)
    deflater.close()
  })

  test('deflaters do not hear of each other', () => {
    const deflaters = Array.from({ length: 5 }, () => engine.deflater(FORM))
    const payloads = deflaters.map((deflater, i) => copied(deflater.deflate(json(20 + i))) as Uint8Array)
    for (const [i, payload] of payloads.entries()) {
      expect(Buffer.from(reads(payload)).toString()).toBe(json(20 + i))
      deflaters[i]?.close()
    }
  })
})

/** A stream of zlib as a peer has it, a message at a time. */
function streamed(stream: ReturnType<typeof createDeflateRaw> | ReturnType<typeof createInflateRaw>) {
  let pieces: Buffer[] = []
  stream.on('data', piece => pieces.push(piece))
  const through = async (bytes: Uint8Array): Promise<Buffer> => {
    pieces = []
    await new Promise<void>((resolve, reject) => {
      stream.once('error', reject)
      stream.write(bytes)
      stream.flush(zlib.Z_SYNC_FLUSH, () => {
        stream.off('error', reject)
        resolve()
      })
    })
    return Buffer.concat(pieces)
  }
  return { through, close: () => stream.close() }
}

const words = fc.constantFrom('price', 'symbol', '"id":', 'é€😀', '0123456789', '\0', 'hotline')
const message = fc.oneof(
  fc.array(words, { minLength: 1, maxLength: 400 }).map(list => new Uint8Array(Buffer.from(list.join('')))),
  fc.uint8Array({ minLength: 1, maxLength: 3000 }),
  fc.integer({ min: 1, max: 70_000 }).map(size => new Uint8Array(size)),
)

describe.each(engines)('whatever is said, by %s', (_name, engine) => {
  const forms = fc.record({ windowBits: fc.integer({ min: 9, max: 15 }), level: fc.integer({ min: 1, max: 9 }) })

  test("zlib's streams read what a deflater has written", async () => {
    await fc.assert(
      fc.asyncProperty(forms, fc.array(message, { maxLength: 8 }), async (form, messages) => {
        const deflater = engine.deflater(form)
        const peer = streamed(createInflateRaw({ windowBits: form.windowBits }))
        for (const data of messages) {
          const payload = deflater.deflate(data)
          if (payload === undefined) continue
          expect(Buffer.compare(await peer.through(Buffer.concat([payload, hex('0000ffff')])), data)).toBe(0)
        }
        deflater.close()
        peer.close()
      }),
      { numRuns: 60 },
    )
  })

  test("what zlib's streams have written is read with what went before", async () => {
    await fc.assert(
      fc.asyncProperty(forms, fc.array(message, { maxLength: 8 }), async (form, messages) => {
        const peer = streamed(createDeflateRaw(form))
        const window = new Window(form.windowBits)
        for (const [i, data] of messages.entries()) {
          const payload = (await peer.through(data)).subarray(0, -4)
          const inflateForm = { windowBits: form.windowBits, history: window.pieces }
          const inflated =
            i % 3 === 2
              ? await engine.inflateLater(payload, inflateForm, MIB)
              : engine.inflate(payload, inflateForm, MIB)
          expect(Buffer.compare(inflated, data)).toBe(0)
          window.remember(inflated)
        }
        peer.close()
      }),
      { numRuns: 60 },
    )
  })

  test('both ways come to the same end on any bytes', () => {
    const outcome = (by: DeflateEngine, payload: Uint8Array): unknown => {
      try {
        return new Uint8Array(by.inflate(payload, { windowBits: 15, history: [] }, 100_000))
      } catch (error) {
        return (error as ProtocolError).closeCode
      }
    }
    const damaged = fc
      .tuple(message, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat({ max: 20 }))
      .map(([data, at, flip, cut]) => {
        const payload = new Uint8Array(payloadOf(data))
        if (payload.length > 0) payload[at % payload.length] = (payload[at % payload.length] as number) ^ flip
        return payload.subarray(0, Math.max(0, payload.length - cut))
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), payload => {
        expect(outcome(engine, payload)).toEqual(outcome(publicDeflate, payload))
      }),
      { numRuns: 400 },
    )
  })
})
