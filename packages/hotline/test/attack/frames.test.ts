/** Frames that RFC 6455 §5 forbids, lengths that lie, and lines that break off. */
import { describe, expect, test } from 'vitest'
import { frame, fromPeer, hex, join } from '../protocol/support.ts'
import { RawClient } from '../support/raw.ts'
import { dribble, leave } from './lines.ts'
import { KIB, MIB, target, times } from './target.ts'

const it = target()

interface Fall {
  readonly code: number
  readonly name: 'ProtocolError' | 'LimitError'
  readonly option?: string
}

const broken: Fall = { code: 1002, name: 'ProtocolError' }
const notText: Fall = { code: 1007, name: 'ProtocolError' }
const tooBig: Fall = { code: 1009, name: 'LimitError', option: 'maxMessage' }

/** Frames of a client; `plain` ones go as they are, without a mask. */
const forbidden: readonly (readonly [name: string, frames: string, fall: Fall, plain?: 'plain'])[] = [
  ['a text that is not masked', '81 01 41', broken, 'plain'],
  ['a ping that is not masked', '89 00', broken, 'plain'],
  ['the first reserved bit, without an extension', 'c1 01 41', broken],
  ['the second reserved bit', 'a1 01 41', broken],
  ['the third reserved bit', '91 01 41', broken],
  ['a reserved bit in a control frame', 'c9 00', broken],
  ['opcode 3', '83 00', broken],
  ['opcode 15', '8f 00', broken],
  ['a length of 2^63', '82 7f 80 00*7', broken],
  ['a length of 2^64 - 1', '82 7f ff*8', broken],
  ['a length of 2^53', '82 7f 00 20 00*6', tooBig],
  ['a length of 2^63 - 1', '82 7f 7f ff*7', tooBig],
  ['a length of one byte more than maxMessage', '82 7f 00*5 10 00 01', tooBig],
  ['a fragment that passes maxMessage with those before', '02 7e 10 00 00*4096 | 80 7f 00*5 10 00 00', tooBig],
  ['a length in more bytes than it needs', '82 7e 00 05 00*5', broken],
  ['text that is not UTF-8', '81 02 c3 28', notText],
  ['text that is not UTF-8, split over frames', '01 01 e2 | 80 01 28', notText],
  ['text that cannot become UTF-8, before its end', '01 02 f8 88', notText],
  ['text that ends in the middle of a character', '01 01 41 | 80 02 f0 9f', notText],
  ['half of a surrogate pair', '81 03 ed a0 80', notText],
  ['a ping of 126 bytes', '89 7e 00 7e 00*126', broken],
  ['a ping in fragments', '09 01 41 | 80 01 42', broken],
  ['a continuation of nothing', '80 01 41', broken],
  ['a message inside another one', '01 01 41 | 81 01 42', broken],
  ['a close of one byte', '88 01 03', broken],
  ['a close with code 1005', '88 02 03 ed', broken],
  ['a close with a reason that is not UTF-8', '88 03 03 e8 ff', notText],
]

describe('a forbidden frame', () => {
  for (const [name, frames, { code, ...error }, plain] of forbidden)
    test(`${name}: ${code}, and the application sees one ${error.name}`, async () => {
      const { ends, reported, messages } = await it.survives(
        async () => {
          using client = await RawClient.open(it.port)
          client.write(plain ? hex(frames) : fromPeer('server', frames))
          expect((await client.close())[0]).toBe(code)
          await leave(client)
          await it.ended(1)
        },
        // What is declared is not allocated.
        { peak: 24 * MIB },
      )
      expect({ ends, reported, messages }).toMatchObject({
        ends: [{ code, clean: false, error }],
        reported: [],
        messages: 0,
      })
      expect(ends).toHaveLength(1)
    })

  test('is refused on its first bytes, without a wait for the rest', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port)
      client.write(Uint8Array.of(0x89, 0xfe))
      expect((await client.close())[0]).toBe(1002)
      await client.ended()
    })
  })

  test('by byte, meets the same end', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port)
      await dribble(client, fromPeer('server', '81 01 41 | 01 01 e2 | 80 01 28'))
      expect((await client.close())[0]).toBe(1007)
      await client.ended()
      expect(client.told[0]).toEqual(['text', 'A'])
    })
  })
})

describe('a length', () => {
  test('that is allowed costs nothing before its bytes come: 200 lines that declare 1 MiB each', async () => {
    const declared = fromPeer('server', '82 7f 00*5 10 00 00')
    const { ends } = await it.survives(
      async before => {
        const clients = await times(200, async () => {
          const client = await RawClient.open(it.port)
          client.write(join([declared, new Uint8Array(10)]))
          return client
        })
        using asker = await RawClient.open(it.port)
        asker.send('89 00')
        await asker.frames(1)
        // 20 KiB for each line: its sockets, its parser, and the first 4 KiB of its message.
        expect((await it.look()).held - before.held).toBeLessThan(200 * 20 * KIB)
        for (const client of clients) client[Symbol.dispose]()
        asker.socket.destroy()
        await it.ended(201)
      },
      { held: 6 * MIB },
    )
    expect(new Set(ends.map(({ code, error }) => `${code} ${error?.code}`))).toEqual(new Set(['1006 ERR_CONNECTION']))
  })

  test('of exactly maxMessage is served', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port)
      client.write(frame(0x82, new Uint8Array(MIB).fill(7), 0x1234567))
      await client.frames(1)
      expect(client.size).toBe(MIB + 10)
    })
  })
})

describe('a line that breaks off', () => {
  test('200 times in the middle of a frame, by FIN and by RST: each is forgotten, and told once', async () => {
    const whole = frame(0x82, new Uint8Array(70_000), 0x1234567)
    const { ends, messages } = await it.survives(
      async () => {
        await times(200, async index => {
          using client = await RawClient.open(it.port)
          client.write(whole.slice(0, [1, 5, 13, 14, 20_000, 69_999][index % 6]))
          client.send('')
          if (index % 2 === 0) {
            client.socket.end()
            await client.ended()
          } else client.socket.resetAndDestroy()
        })
        await it.ended(200)
      },
      { held: 6 * MIB },
    )
    expect(messages).toBe(0)
    expect(ends).toHaveLength(200)
    expect(new Set(ends.map(({ code, error }) => `${code} ${error?.code}`))).toEqual(new Set(['1006 ERR_CONNECTION']))
  })

  test('100 times in the middle of a fragmented message, with bytes kept: they are let go', async () => {
    const kept = frame(0x02, new Uint8Array(500 * KIB), 0x1234567)
    await it.survives(
      async () => {
        for (let round = 0; round < 10; round++) {
          await times(10, async () => {
            using client = await RawClient.open(it.port)
            client.write(kept, '89 00')
            await client.frames(1)
          })
        }
        await it.ended(100)
      },
      // Ten lines hold 500 KiB in 1 MiB at most. Of the buffers that were grown out of, 200 MiB in all, some are garbage
      // that nobody has collected yet.
      { peak: 128 * MIB },
    )
  })
})

describe('what is odd, and right', () => {
  test('frames byte by byte are echoed', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port)
      await dribble(
        client,
        fromPeer('server', '81 05 68 65 6c 6c 6f | 01 01 e2 | 89 01 2a | 00 01 82 | 80 01 ac | 82 7e 00 7e 07*126'),
      )
      await client.frames(4)
      expect(client.told).toEqual([
        ['text', 'hello'],
        ['pong', '2a'],
        ['text', '€'],
        ['binary', Array(126).fill('07').join(' ')],
      ])
    })
  })
})
