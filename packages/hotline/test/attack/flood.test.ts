/** Much of what is allowed: fragments, pings, pongs and closes by the hundred thousand. RFC 6455 §5.4, §5.5, §10.4 */
import { describe, expect, test } from 'vitest'
import { fromPeer, join } from '../protocol/support.ts'
import { RawClient } from '../support/raw.ts'
import { counting, leave, pour, repeated } from './lines.ts'
import { KIB, MIB, target, times } from './target.ts'

const it = target()

/** Bytes that may be alive in the middle of a flood: chunks that are being read, and what answers them. */
const IN_FLIGHT = 6 * MIB

/** A message behind a flood is answered: the flood was read to its end. */
const HELLO = '81 05 68 65 6c 6c 6f'
const ECHO = 7

describe('fragments', () => {
  test('of one byte, a million of them, cost the bytes of the message and end with 1009', async () => {
    const { ends } = await it.survives(async before => {
      using client = await RawClient.open(it.port)
      client.send('02 01 2a')
      await pour(client, repeated('00 01 2a', 8192), 64)
      client.send('89 00')
      await client.frames(1)
      // Half a million bytes lie in a buffer of 1 MiB at most, and nothing else is kept of their frames.
      expect((await it.look()).held - before.held).toBeLessThan(MIB + IN_FLIGHT)
      await pour(client, repeated('00 01 2a', 8192), 65)
      expect((await client.close())[0]).toBe(1009)
      await client.ended()
    })
    expect(ends).toMatchObject([{ code: 1009, error: { name: 'LimitError', option: 'maxMessage' } }])
  })

  test('of one byte on 50 lines at once cost what they carry', async () => {
    const some = join([fromPeer('server', '01 01 41'), repeated('00 01 41', 8191)])
    await it.survives(
      async before => {
        const clients = await times(50, async () => {
          const client = await RawClient.open(it.port)
          client.write(some, '89 00')
          await client.frames(1)
          return client
        })
        // 8 KiB of message in a buffer of 8 KiB, and some 16 KiB for a line.
        expect((await it.look()).held - before.held).toBeLessThan(50 * 48 * KIB)
        for (const client of clients) client[Symbol.dispose]()
      },
      { held: 4 * MIB },
    )
  })

  test('without a byte end with 1008 after some', async () => {
    const { ends } = await it.survives(async () => {
      using client = await RawClient.open(it.port)
      client.send('01 00')
      await pour(client, repeated('00 00', 8192), 16)
      expect((await client.close())[0]).toBe(1008)
      await client.ended()
    })
    expect(ends).toMatchObject([{ code: 1008, error: { name: 'LimitError' } }])
  })

  test('without a byte between fragments of one byte end too', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port)
      client.send('01 00')
      await pour(client, repeated('00 01 41 | 00 00', 4096), 4)
      expect([1008, 1009]).toContain((await client.close())[0])
      await client.ended()
    })
  })

  test('that never become a message, with pings between, are let go with their line', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port)
      client.send('01 01 41')
      await pour(client, repeated('00 01 41 | 89 01 2a', 4096), 8)
      await client.frames(1000)
    })
  })
})

describe('messages', () => {
  test('without a byte, 400 000 of them, are echoed without growth', async () => {
    const { messages } = await it.survives(async () => {
      const line = await counting(it.port)
      using client = line.client
      await pour(client, repeated('81 00', 8000), 50)
      await client.log.until('the echoes', () => line.bytes === 400_000 * 2)
    })
    expect(messages).toBeGreaterThanOrEqual(400_000)
  })
})

describe('control frames', () => {
  for (const size of [0, 125])
    test(`pings of ${size} bytes, 200 000 of them: at most as many pongs, and memory stays`, async () => {
      const ping = `89 ${size.toString(16).padStart(2, '0')} 2a*${size}`
      await it.survives(async before => {
        const line = await counting(it.port)
        using client = line.client
        await pour(client, repeated(size === 0 ? '89 00' : ping, 4000), 50)
        expect((await it.look()).held - before.held).toBeLessThan(IN_FLIGHT)
        client.send('88 02 03 e8')
        await client.ended()
        expect(line.bytes).toBeGreaterThan(0)
        expect(line.bytes).toBeLessThanOrEqual(200_000 * (size + 2) + 4)
      })
    })

  test('pongs that nobody asked for, 400 000 of them, are ignored, and the message behind them is answered', async () => {
    const { ends } = await it.survives(async () => {
      const line = await counting(it.port)
      using client = line.client
      await pour(client, repeated('8a 04 00 00 00 01', 8000), 50)
      client.send(HELLO)
      await client.log.until('the echo', () => line.bytes === ECHO)
      client.send('88 02 03 e8')
      await leave(client)
      await it.ended(1)
    })
    expect(ends).toMatchObject([{ code: 1000, clean: true }])
  })

  test('closes, 100 000 of them, get one answer', async () => {
    const { ends } = await it.survives(async () => {
      using client = await RawClient.open(it.port)
      await pour(client, repeated('88 02 03 e8', 10_000), 10)
      await client.ended()
      expect(client.told).toEqual([['close', '03 e8']])
      await it.ended(1)
    })
    expect(ends).toMatchObject([{ code: 1000, clean: true }])
  })

  test('a close, and then 20 MiB of messages: none of them is delivered', async () => {
    let echoed = 0
    const { ends } = await it.survives(async () => {
      using client = await RawClient.open(it.port)
      client.send(`88 02 03 e8 | 81 04 6c 61 74 65`)
      await pour(client, repeated(`82 7e 20 00 07*8192`, 128), 20)
      await client.ended()
      echoed = client.told.length - 1
      await it.ended(1)
    })
    expect(echoed).toBe(0)
    expect(ends).toMatchObject([{ code: 1000, clean: true }])
  })
})
