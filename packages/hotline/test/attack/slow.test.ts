/** Peers that do not keep up, or are not there any more: what they cost, and how that ends. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openSocket } from '../../src/client/index.ts'
import { frame, fromPeer } from '../protocol/support.ts'
import { Log, within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'
import { clog, deaf, pour, repeated } from './lines.ts'
import { KIB, MIB, target, times } from './target.ts'

const it = target()

/** maxQueued of the route /floods. */
const MAX_QUEUED = 256 * KIB

const tooSlow = { code: 1013, clean: false, error: { name: 'LimitError', code: 'ERR_LIMIT', option: 'maxQueued' } }

describe('a peer that never reads while the server sends', () => {
  test('is closed by policy, and costs at most maxQueued', async () => {
    const { ends, reported, queued } = await it.survives(async () => {
      using _client = await deaf(it.port, '/floods')
      await it.ended(1)
    })
    expect({ ends, reported }).toMatchObject({ ends: [tooSlow], reported: [] })
    expect(ends).toHaveLength(1)
    expect(queued).toBeLessThanOrEqual(MAX_QUEUED)
  })

  test('and reads at last, finds the close frame with 1013 behind what was queued', async () => {
    await it.survives(async () => {
      using client = await deaf(it.port, '/floods')
      await it.flooded()
      client.socket.resume()
      expect(await client.close()).toEqual([1013, expect.stringContaining('maxQueued')])
      await client.ended()
    })
  })

  test('50 of them at once cost 50 times that at most', async () => {
    const { ends, queued } = await it.survives(
      async before => {
        const clients = await times(50, () => deaf(it.port, '/floods'))
        const { held } = await it.look()
        expect(held - before.held).toBeLessThan(50 * (MAX_QUEUED + 64 * KIB))
        await it.ended(50)
        for (const client of clients) client[Symbol.dispose]()
      },
      // 50 queues, and as much again that was copied on its way to them.
      { peak: 100 * MAX_QUEUED + 48 * MIB, held: 6 * MIB },
    )
    expect(ends).toHaveLength(50)
    expect(new Set(ends.map(({ code, error }) => `${code} ${error?.option}`))).toEqual(new Set(['1013 maxQueued']))
    expect(queued).toBeLessThanOrEqual(MAX_QUEUED)
  })
})

describe('a peer that never reads what it is answered', () => {
  const cut = { code: 1006, clean: false, error: { name: 'TimeoutError', code: 'ERR_TIMEOUT', option: 'writeTimeout' } }

  test('its pongs: the newest is kept, memory stays, and writeTimeout cuts the line', async () => {
    const { ends } = await it.survives(async before => {
      using client = await deaf(it.port)
      // More than the system holds; the line may be cut before all is written.
      await pour(client, repeated('89 7d 2a*125', 2000), 640).catch(() => {})
      expect((await it.look()).held - before.held).toBeLessThan(6 * MIB)
      await it.ended(1)
    })
    expect(ends).toMatchObject([cut])
  })

  for (const path of ['/', '/loop'])
    test(`its echoes from ${path}: reading pauses, memory stays, and writeTimeout cuts the line`, async () => {
      const { ends } = await it.survives(async before => {
        using client = await deaf(it.port, path)
        const message = frame(0x82, new Uint8Array(16 * KIB), 0x1234567)
        const written = await clog(client, message, 64 * MIB)
        expect(written).toBeLessThan(64 * MIB)
        expect((await it.look()).held - before.held).toBeLessThan(6 * MIB)
        await it.gone(before.connections)
      })
      expect(ends).toMatchObject(path === '/' ? [cut] : [])
    })
})

/** A way to the server that can stop to carry anything, with both ends left as they are. */
async function tunnel(port: number) {
  const ends: Socket[] = []
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    ends.push(near, far)
    near.on('error', () => {}).pipe(far)
    far.on('error', () => {}).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      for (const end of ends) end.unpipe().pause()
    },
    [Symbol.asyncDispose]: async () => {
      for (const end of ends) end.destroy()
      await new Promise(done => server.close(done))
    },
  }
}

describe('a peer that vanishes', () => {
  const dead = { code: 1006, clean: false, error: { name: 'TimeoutError', option: 'heartbeat.timeout' } }

  test('behind a wire that carries nothing any more, is given up by the heartbeat with a TimeoutError', async () => {
    const { ends, reported } = await it.survives(async () => {
      await using way = await tunnel(it.port)
      const socket = await openSocket(`${way.url}/watched`, { heartbeat: false })
      const echoes = new Log<unknown>()
      const reading = (async () => {
        for await (const message of socket) echoes.push(message)
      })()
      await socket.send('still here')
      await echoes.until('an echo', all => all.length === 1)
      way.stop()
      await it.ended(1)
      socket.terminate()
      await within('the reader', reading)
    })
    expect({ ends, reported }).toMatchObject({ ends: [dead], reported: [] })
  })

  test('100 of them, that answer nothing, are all given up', async () => {
    const { ends } = await it.survives(
      async () => {
        const clients = await times(100, () => RawClient.open(it.port, { path: '/watched' }))
        await it.ended(100)
        for (const client of clients) client[Symbol.dispose]()
      },
      { held: 6 * MIB },
    )
    expect(new Set(ends.map(({ error }) => error?.option))).toEqual(new Set(['heartbeat.timeout']))
  })

  test('while one that answers its pings is kept', async () => {
    await it.survives(async () => {
      using client = await RawClient.open(it.port, { path: '/watched' })
      for (let pings = 1; pings <= 4; pings++) {
        await client.log.until('a ping', () => client.told.filter(([name]) => name === 'ping').length >= pings)
        client.write(fromPeer('server', `8a 04 ${client.told.findLast(([name]) => name === 'ping')?.[1]}`))
      }
      client.send('81 01 41')
      await client.log.until('an echo', () => client.told.some(([name]) => name === 'text'))
    })
  })

  test('in the middle of the closing handshake, is cut after closeTimeout', async () => {
    const { ends } = await it.survives(async () => {
      using client = await RawClient.open(it.port, { path: '/throws' })
      client.send('81 01 41')
      await client.ended()
      await it.ended(1)
    })
    expect(ends).toMatchObject([{ code: 1006, error: { name: 'TimeoutError', option: 'closeTimeout' } }])
  })
})
