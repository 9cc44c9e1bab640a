import { describe, expect, test } from 'vitest'
import { SENT } from '../../src/connection/deferred.ts'
import { Prepared } from '../../src/connection/prepared.ts'
import { ClosedError, LimitError, TimeoutError, UsageError } from '../../src/errors.ts'
import { portableCodec } from '../../src/protocol/text.ts'
import { type LineOptions, line, settle, watch } from './support.ts'

/** A line whose peer does not read. */
function stuck(options: LineOptions) {
  const all = line({ capacity: 1, ...options })
  all.peer.wire.pause()
  return all
}

describe('send()', () => {
  test('is fulfilled at once, by one promise for all, while the peer keeps up', async () => {
    const { socket, peer } = line()
    expect(socket.send('one')).toBe(SENT)
    expect(socket.send(new Uint8Array([2]))).toBe(SENT)
    await settle()
    expect(peer.told).toEqual([
      ['text', 'one'],
      ['binary', '02'],
    ])
  })

  test('leaves with all that the tick has sent, in one write', async () => {
    const { socket, near, peer } = line()
    let writes = 0
    const write = near.write.bind(near)
    near.write = pieces => {
      writes++
      return write(pieces)
    }
    for (const text of ['a', 'b', 'c']) socket.send(text)
    expect(writes).toBe(0)
    await settle()
    expect(writes).toBe(1)
    expect(peer.texts).toEqual(['a', 'b', 'c'])
  })

  test.each([
    [100, 300],
    [65_536, 70_000],
    [200_000, 250_000],
  ])('waits above a highMark of %i bytes, until the peer has read down to it', async (highMark, size) => {
    const { socket, peer } = stuck({ highMark, maxQueued: 10_000_000 })
    socket.send(new Uint8Array(10))
    await settle()
    const waiting = watch(socket.send(new Uint8Array(size)))
    await settle()
    expect(waiting.state).toBe('pending')
    expect(socket.bufferedAmount).toBeGreaterThan(highMark)
    peer.wire.resume()
    await settle()
    expect(waiting.state).toBe('fulfilled')
    expect(socket.bufferedAmount).toBeLessThanOrEqual(highMark)
  })

  test('of many small messages waits at the mark too, not at the size of a slab', async () => {
    const { socket } = stuck({ highMark: 1000 })
    socket.send(new Uint8Array(10))
    await settle()
    for (let sent = 0; sent < 9; sent++) expect(socket.send(new Uint8Array(100))).toBe(SENT)
    const waiting = watch(socket.send(new Uint8Array(100)))
    await settle()
    expect(waiting.state).toBe('pending')
  })

  test('wakes all who wait, and in the order in which they sent', async () => {
    const { socket, peer } = stuck({ highMark: 100 })
    socket.send('x')
    await settle()
    const order: number[] = []
    for (const number of [0, 1, 2, 3]) socket.send('x'.repeat(200)).then(() => order.push(number))
    await settle()
    expect(order).toEqual([])
    peer.wire.resume()
    await settle()
    expect(order).toEqual([0, 1, 2, 3])
  })

  test('rejects when the line is lost while it waits', async () => {
    const { socket, peer } = stuck({ highMark: 100 })
    socket.send('x')
    await settle()
    const waiting = watch(socket.send('x'.repeat(200)))
    peer.wire.cut()
    await settle()
    expect(waiting.error).toBeInstanceOf(ClosedError)
    expect(waiting.error).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006 })
  })

  const ends = {
    'a close of ours': ({ socket }) => void socket.close(4000, 'enough'),
    'a close of the peer': ({ peer }) => peer.close(4001),
    'a peer that hangs up': ({ peer }) => peer.wire.end(),
    'a reset': ({ peer }) => peer.wire.cut(),
    terminate: ({ socket }) => socket.terminate(),
    'a fault of the peer': ({ peer }) => peer.send('83 00'),
  } satisfies Record<string, (it: ReturnType<typeof line>) => void>

  test.each(Object.entries(ends))(
    'after %s rejects with a ClosedError, which nobody has to catch',
    async (_name, end) => {
      const unhandled: unknown[] = []
      const note = (error: unknown): unknown => unhandled.push(error)
      process.on('unhandledRejection', note)
      const it = line()
      end(it)
      await settle()
      const { socket } = it
      const attempts = [
        () => socket.send('late'),
        () => socket.send(new Blob(['late'])),
        () => socket.send(['la', 'te']),
      ]
      for (const attempt of [
        ...attempts,
        () => socket.ping(),
        () => socket.send(new Prepared('late', portableCodec)),
      ]) {
        attempt()
        await expect(attempt()).rejects.toThrow(ClosedError)
      }
      expect(socket.state).not.toBe('open')
      expect(socket.bufferedAmount).toBe(0)
      await new Promise(setImmediate)
      process.off('unhandledRejection', note)
      expect(unhandled).toEqual([])
      expect(it.peer.texts).toEqual([])
    },
  )

  test('after terminate() rejects in the very same step', async () => {
    const { socket } = line()
    socket.terminate()
    expect(socket.state).toBe('closing')
    await expect(socket.send('late')).rejects.toThrow(ClosedError)
  })
})

describe('maxQueued', () => {
  test('closes with 1013, and an error that names the option and its value', async () => {
    const { socket, peer, clock } = stuck({ highMark: 1000, maxQueued: 5000 })
    socket.send('first')
    await settle()
    const sent = Array.from({ length: 6 }, () => watch(socket.send('x'.repeat(1000))))
    await settle()
    expect(sent.map(({ state }) => state)).toEqual([...Array(4).fill('pending'), 'rejected', 'rejected'])
    expect(sent[4]?.error).toBeInstanceOf(LimitError)
    expect(sent[4]?.error).toMatchObject({
      code: 'ERR_LIMIT',
      closeCode: 1013,
      limit: { option: 'maxQueued', value: 5000 },
      message: 'the peer reads too slowly (maxQueued: 5000)',
    })
    expect(sent[5]?.error).toBeInstanceOf(ClosedError)
    peer.wire.resume()
    await settle()
    expect(peer.texts).toHaveLength(5)
    expect(peer.told.at(-1)?.[0]).toBe('close')
    expect(peer.told.at(-1)?.[1]).toMatch(/^03 f5 /)
    await clock.advance(5000)
    expect(await socket.closed).toMatchObject({ code: 1013, clean: false, error: sent[4]?.error })
  })

  test('passed by what waits for a Blob says so, and does not blame the peer', async () => {
    const { socket } = line({ highMark: 1000, maxQueued: 5000 })
    const sent = Array.from({ length: 6 }, () => watch(socket.send(new Blob(['x'.repeat(1000)]))))
    await settle()
    expect(sent.at(-1)?.error).toMatchObject({
      message: 'messages are sent faster than they can be made ready (maxQueued: 5000)',
    })
    expect(socket.state).toBe('closing')
  })

  test('counts text in bytes, not in characters', async () => {
    const { socket } = stuck({ highMark: 1000, maxQueued: 5000 })
    socket.send('first')
    await settle()
    const sent = Array.from({ length: 3 }, () => watch(socket.send('€'.repeat(600))))
    await settle()
    expect(sent.map(({ state }) => state)).toEqual(['pending', 'pending', 'rejected'])
    expect(socket.bufferedAmount).toBeLessThan(5000)
  })

  test('holds for prepared messages and for pings', async () => {
    for (const send of ['prepared', 'ping'] as const) {
      const { socket, session } = stuck({ highMark: 1000, maxQueued: 2000 })
      const prepared = new Prepared('x'.repeat(500), portableCodec)
      socket.send('first')
      await settle()
      for (let sent = 0; sent < 1000; sent++) send === 'prepared' ? socket.send(prepared) : socket.ping()
      expect(session.connection.queued).toBeLessThan(2200)
      expect(socket.state).toBe('closing')
    }
  })

  test('is never met by whoever awaits send(), however big the message', async () => {
    const { socket, peer } = line({ capacity: 1000, highMark: 1000, maxQueued: 5000 })
    for (let sent = 0; sent < 50; sent++) await socket.send(new Uint8Array(sent * 1000))
    expect(socket.state).toBe('open')
    await settle()
    expect(peer.told).toHaveLength(50)
  })
})

describe('bufferedAmount', () => {
  test('counts application data only: no header, no ping, no close frame', async () => {
    const { socket } = stuck({ role: 'client' })
    socket.send('é')
    socket.send(new Uint8Array(200))
    socket.ping()
    expect(socket.bufferedAmount).toBe(202)
  })

  test('falls to 0 when all has left, and counts from there', async () => {
    const { socket, peer } = stuck({})
    socket.send('12345')
    await settle()
    socket.send('678')
    await settle()
    peer.wire.resume()
    await settle()
    expect(socket.bufferedAmount).toBe(0)
    socket.send('9')
    expect(socket.bufferedAmount).toBe(1)
  })
})

describe('writeTimeout', () => {
  test('cuts the line to a peer that reads nothing for so long', async () => {
    const { socket, clock } = stuck({ writeTimeout: 1000, heartbeat: false })
    socket.send('taken')
    await settle()
    socket.send('stays')
    await clock.advance(999)
    expect(socket.state).toBe('open')
    await clock.advance(1001)
    const { code, clean, error } = await socket.closed
    expect([code, clean]).toEqual([1006, false])
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', limit: { option: 'writeTimeout', value: 1000 } })
    expect(clock.pending).toBe(0)
  })

  test('spares a peer that reads a little within every period', async () => {
    const { socket, clock, peer } = stuck({ writeTimeout: 1000, heartbeat: false, maxMessage: 1 << 24 })
    for (let sent = 0; sent < 20; sent++) socket.send(new Uint8Array(45_000))
    for (let period = 0; period < 15; period++) {
      await clock.advance(900)
      const before = peer.received
      peer.data = (bytes, start, end) => {
        Object.getPrototypeOf(peer).data.call(peer, bytes, start, end)
        peer.wire.pause()
      }
      peer.wire.resume()
      await settle()
      if (peer.received === before) break
    }
    expect(socket.state).toBe('open')
    await clock.advance(3000)
    expect(socket.state).toBe(socket.bufferedAmount === 0 ? 'open' : 'closed')
  })

  test('does not run while nothing waits', async () => {
    const { socket, clock } = line({ writeTimeout: 1000, heartbeat: false })
    socket.send('taken')
    await clock.advance(100_000)
    expect(socket.state).toBe('open')
    expect(clock.pending).toBe(0)
  })
})

describe('a prepared message', () => {
  test('is sent by many sockets of a server, in order with what else is sent', async () => {
    const prepared = new Prepared('news €', portableCodec)
    const bytes = new Prepared(new Uint8Array([1, 2]), portableCodec)
    for (const { socket, peer } of [line(), line()]) {
      socket.send('before')
      socket.send(prepared)
      socket.send(bytes)
      socket.send('after')
      await settle()
      expect(peer.told).toEqual([
        ['text', 'before'],
        ['text', 'news €'],
        ['binary', '01 02'],
        ['text', 'after'],
      ])
      expect(socket.bufferedAmount).toBe(0)
    }
  })

  test('counts its payload in bytes', () => {
    const { socket } = stuck({})
    socket.send(new Prepared('€'.repeat(100), portableCodec))
    expect(socket.bufferedAmount).toBe(300)
  })

  test('is refused by a client, whose frames need a key of their own', () => {
    const { socket } = line({ role: 'client' })
    expect(() => socket.send(new Prepared('news', portableCodec))).toThrow(UsageError)
  })

  test('is made of text or bytes only', () => {
    expect(() => new Prepared(['a'] as never, portableCodec)).toThrow(UsageError)
    expect(() => new Prepared(5 as never, portableCodec)).toThrow(UsageError)
    expect(() => new Prepared(new Uint8Array(new SharedArrayBuffer(4)), portableCodec)).toThrow(UsageError)
  })

  test('keeps what it was made of, whatever becomes of the bytes', async () => {
    const { socket, peer } = line()
    const bytes = new Uint8Array([1, 2])
    const prepared = new Prepared(bytes, portableCodec)
    bytes.fill(9)
    socket.send(prepared)
    await settle()
    expect(peer.told).toEqual([['binary', '01 02']])
  })
})
