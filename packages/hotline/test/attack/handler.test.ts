/** Handlers that fail, and what a peer can make of it. Reported once, 1011 for that line, nothing for the others. */
import { describe, expect, test } from 'vitest'
import { frame } from '../protocol/support.ts'
import { RawClient } from '../support/raw.ts'
import { clog, repeated } from './lines.ts'
import { KIB, MIB, Target, target, times } from './target.ts'

const it = target()

const failures: readonly (readonly [path: string, phase: string])[] = [
  ['/throws', 'message'],
  ['/rejects', 'message'],
  ['/function-rejects', 'route'],
]

describe('a handler that fails', () => {
  for (const [path, phase] of failures) {
    test(`at ${path} closes its line with 1011, and is reported once, whatever follows`, async () => {
      const { reported } = await it.survives(async () => {
        using other = await RawClient.open(it.port)
        using client = await RawClient.open(it.port, { path })
        client.write(repeated('81 01 41', 1000))
        expect(await client.close()).toEqual([1011, 'the handler failed'])
        client.send('88 02 03 f3')
        await client.ended()
        other.send('81 01 42')
        await other.frames(1)
        expect(other.told).toEqual([['text', 'B']])
      })
      expect(reported).toMatchObject([{ name: 'RangeError', phase }])
      expect(reported).toHaveLength(1)
    })

    test(`at ${path}, on 200 lines at once, is reported once for each`, async () => {
      const { reported } = await it.survives(
        async () => {
          await times(200, async () => {
            using client = await RawClient.open(it.port, { path })
            client.send('81 01 41 | 81 01 42')
            expect((await client.close())[0]).toBe(1011)
            client.send('88 02 03 f3')
            await client.ended()
          })
        },
        { held: 6 * MIB },
      )
      expect(reported).toHaveLength(200)
    })
  }
})

describe('a handler that never returns', () => {
  test('while the peer keeps sending: reading pauses, memory stays, others are served', async () => {
    await it.survives(async before => {
      using client = await RawClient.open(it.port, { path: '/hangs' })
      const written = await clog(client, frame(0x82, new Uint8Array(16 * KIB), 0x1234567), 64 * MIB)
      expect(written).toBeLessThan(64 * MIB)
      const { held, messages } = await it.look()
      // highMark for what waits, a chunk of 64 KiB that was read with it, and what is left of that one.
      expect(held - before.held).toBeLessThan(MIB)
      // The polite client's messages count too, but one alone is this line's.
      expect(messages).toBeGreaterThan(0)
      using other = await RawClient.open(it.port)
      other.send('81 01 42')
      await other.frames(1)
    })
  })

  test('on 50 lines that keep sending small messages: each costs what highMark allows', async () => {
    await it.survives(
      async before => {
        const clients = await times(50, async () => {
          const client = await RawClient.open(it.port, { path: '/hangs' })
          await clog(client, repeated('81 01 41', 4096), 8 * MIB)
          return client
        })
        // highMark, and a chunk that was read before the pause.
        expect((await it.look()).held - before.held).toBeLessThan(50 * 192 * KIB)
        for (const client of clients) client[Symbol.dispose]()
      },
      { held: 6 * MIB },
    )
  })

  test('does not hold up close({ within }): the line is told 1001 or cut, and the process ends by itself', async () => {
    const own = await new Target().start()
    const clients = await times(5, async () => {
      const client = await RawClient.open(own.port, { path: '/hangs' })
      client.send('81 01 41')
      return client
    })
    using pinged = await RawClient.open(own.port, { path: '/hangs' })
    pinged.send('89 00 | 81 01 41')
    await pinged.frames(1)
    const start = performance.now()
    const [stopped] = await Promise.all([own.stop(), ...clients.map(client => client.ended())])
    // Those that answer no ping may be found dead before they are cut.
    expect(stopped.closed).toBe(0)
    expect(stopped.left + stopped.terminated).toBe(6)
    expect(performance.now() - start).toBeLessThan(4000)
    for (const client of clients) client[Symbol.dispose]()
  })
})
