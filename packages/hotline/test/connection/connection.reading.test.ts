import { describe, expect, test } from 'vitest'
import { frame, fromPeer, join, masked, toHex } from '../protocol/support.ts'
import { gate, line, settle } from './support.ts'

/** Frames of so many texts of 100 characters, each with its number. */
const texts = (count: number): string[] => Array.from({ length: count }, (_, number) => `${number} `.padEnd(100, 'x'))

describe('reading', () => {
  test('hands over messages in order, with control frames between fragments, however the bytes come', async () => {
    const { session, peer } = line()
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    const frames = '01 01 41 | 89 02 68 69 | 80 01 42 | 82 02 01 02 | 8a 00 | 81 00'
    for (const byte of fromPeer('server', frames)) peer.wire.write([Uint8Array.of(byte)])
    await settle()
    expect(seen).toEqual(['AB', new Uint8Array([1, 2]), ''])
    expect(peer.told).toEqual([['pong', '68 69']])
  })

  test('answers a chunk of many messages in one write', async () => {
    const { socket, session, near, peer } = line()
    let writes = 0
    const write = near.write.bind(near)
    near.write = pieces => {
      writes++
      return write(pieces)
    }
    session.deliverTo(message => socket.send(message), undefined)
    peer.text(...texts(50))
    await settle()
    expect(peer.texts).toEqual(texts(50))
    expect(writes).toBe(1)
  })

  test('pauses when more than highMark waits for a handler, in the middle of a chunk', async () => {
    const { session, peer } = line({ highMark: 1000 })
    const working = gate()
    const seen: unknown[] = []
    session.deliverTo(message => {
      seen.push(message)
      return seen.length === 1 ? working.promise : undefined
    }, undefined)
    peer.text(...texts(100))
    peer.text(...texts(3))
    await settle()
    expect(seen).toHaveLength(1)
    expect(session.connection.paused).toBe(true)
    working.open()
    await settle()
    expect(seen).toEqual([...texts(100), ...texts(3)])
    expect(session.connection.paused).toBe(false)
  })

  test('reads a chunk of very many messages in turns, so that others have theirs, and in order', async () => {
    const { session, peer } = line()
    const seen: unknown[] = []
    let most = 0
    let turn = 0
    session.deliverTo(message => {
      seen.push(message)
      if (++turn === 1) queueMicrotask(() => (turn = 0))
      most = Math.max(most, turn)
    }, undefined)
    peer.text(...texts(3000))
    peer.text(...texts(3))
    for (let round = 0; round < 20; round++) await settle()
    expect(seen).toEqual([...texts(3000), ...texts(3)])
    expect(most).toBe(1024)
    expect(session.connection.paused).toBe(false)
  })

  test('a turn ends sooner when the handler takes long for each message', async () => {
    const { clock, session, peer } = line()
    let now = 0
    clock.now = () => now
    let most = 0
    let turn = 0
    session.deliverTo(() => {
      now += 0.01
      if (++turn === 1) queueMicrotask(() => (turn = 0))
      most = Math.max(most, turn)
    }, undefined)
    peer.text(...texts(3000))
    for (let round = 0; round < 20; round++) await settle()
    expect(most).toBe(128)
  })

  test('large chunks without end take turns too, though they are as small as those of TLS', async () => {
    const { near, session } = line()
    // It takes all at once, so that nothing else holds reading up.
    session.deliverTo(() => undefined, undefined)
    let pauses = 0
    near.pause = () => void pauses++
    const chunk = masked(frame(0x82, new Uint8Array(16_376)))
    for (let count = 0; count < 64; count++) session.connection.data(chunk, 0, chunk.length)
    expect(chunk).toHaveLength(16_384)
    expect(pauses).toBeGreaterThan(0)
  })

  test('what waits for its turn is no more in the memory that the transport lent, and what comes meanwhile stands behind it', async () => {
    const { session } = line()
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    const framed = (all: string[]) => join(all.map(text => masked(frame(0x81, new TextEncoder().encode(text)))))
    const lent = framed(texts(3000))
    session.connection.data(lent, 0, lent.length)
    lent.fill(0)
    const more = framed(['more'])
    session.connection.data(more, 0, more.length)
    more.fill(0)
    for (let round = 0; round < 20; round++) await settle()
    expect(seen).toEqual([...texts(3000), 'more'])
  })

  test('the transport is not resumed before all that it gave has been read', async () => {
    const { near, session } = line()
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    const resumedAt: number[] = []
    near.resume = () => void resumedAt.push(seen.length)
    const chunk = join(texts(3000).map(text => masked(frame(0x81, new TextEncoder().encode(text)))))
    session.connection.data(chunk, 0, chunk.length)
    for (let round = 0; round < 20; round++) await settle()
    expect(resumedAt).toEqual([3000])
  })

  test('what came before the end of the wire can be read after it, though it is more than may wait', async () => {
    const { session, socket } = line({ highMark: 1000 })
    const chunk = join(texts(100).map(text => masked(frame(0x81, new TextEncoder().encode(text)))))
    session.connection.data(chunk, 0, chunk.length)
    session.connection.ended()
    session.connection.closed()
    const seen: unknown[] = []
    for await (const message of socket) seen.push(message)
    expect(seen).toEqual(texts(100))
  })

  test('fragments and control frames take turns too, and a close behind them is answered', async () => {
    const { session, peer } = line()
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    let turns = 0
    peer.send(`01 01 41 | ${'00 01 41 | 8a 00 | '.repeat(2000)}80 01 42 | 88 02 03 e8`)
    while (seen.length === 0 && turns < 1000) {
      turns++
      await Promise.resolve()
    }
    expect(turns).toBeGreaterThan(4000 / 1024)
    expect(seen).toEqual([`${'A'.repeat(2001)}B`])
    for (let round = 0; round < 20; round++) await settle()
    expect(peer.told).toEqual([['close', '03 e8']])
  })

  test('what was read when the line is lost is handed over, however much it is', async () => {
    const { session, peer } = line()
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    peer.text(...texts(1000))
    await Promise.resolve()
    peer.wire.destroy()
    for (let round = 0; round < 20; round++) await settle()
    expect(seen).toEqual(texts(1000))
  })

  test('slows the peer down while a handler works: its bytes stay on the wire', async () => {
    const { session, peer } = line({ highMark: 1000, capacity: 5000 })
    const working = gate()
    session.deliverTo(() => working.promise, undefined)
    for (let sent = 0; sent < 1000; sent++) peer.text(...texts(1))
    await settle()
    expect(peer.wire.queued).toBeGreaterThan(90_000)
    working.open()
    for (let round = 0; round < 20; round++) await settle()
    expect(peer.wire.queued).toBe(0)
  })

  test('what came behind the opening handshake is read first', async () => {
    const bytes = fromPeer('server', '81 01 41 | 81 01 42 | 81 01 43')
    const it = line({ head: bytes.slice(0, 15) })
    const seen: unknown[] = []
    it.peer.wire.write([bytes.slice(15)])
    it.session.deliverTo(message => seen.push(message), undefined)
    it.start()
    await settle()
    expect(seen).toEqual(['A', 'B', 'C'])
  })

  test('what came behind the opening handshake can pause reading too', async () => {
    const head = fromPeer('server', Array(50).fill('81 02 41 41').join('|'))
    const { session, start, peer } = line({ highMark: 1000, capacity: 5000, head })
    const working = gate()
    let seen = 0
    session.deliverTo(() => {
      seen++
      return seen === 1 ? working.promise : undefined
    }, undefined)
    start()
    for (let sent = 0; sent < 1000; sent++) peer.text(...texts(1))
    await settle()
    expect(seen).toBe(1)
    expect(peer.wire.queued).toBeGreaterThan(90_000)
    working.open()
    for (let round = 0; round < 20; round++) await settle()
    expect(seen).toBe(1050)
  })

  test('what came behind the opening handshake can break the standard', async () => {
    const { socket, start, peer } = line({ head: fromPeer('server', '83 00') })
    start()
    await settle()
    expect(peer.told.map(([name]) => name)).toEqual(['close'])
    peer.wire.end()
    expect(await socket.closed).toMatchObject({ code: 1002 })
  })

  test('all that had come is delivered when the peer ends the wire during a pause', async () => {
    const { session, peer } = line({ highMark: 100 })
    const seen: unknown[] = []
    const working = gate()
    session.deliverTo(async message => {
      seen.push(message)
      await working.promise
    }, undefined)
    session.afterLast(({ code, clean }) => seen.push([code, clean]))
    peer.text(...texts(20))
    await settle()
    expect(seen).toHaveLength(1)
    // A socket of Node can tell of the end although it is paused, when the end came with the last chunk.
    session.connection.ended()
    peer.wire.end()
    await settle()
    working.open()
    for (let round = 0; round < 20; round++) await settle()
    expect(seen).toEqual([...texts(20), [1006, false]])
  })

  test('a close frame that lies behind a pause counts when the peer ends the wire', async () => {
    const { socket, session, peer } = line({ highMark: 100 })
    session.deliverTo(() => gate().promise, undefined)
    const frames = [...Array(20).fill('81 05 68 65 6c 6c 6f'), '88 02 0f a0'].join('|')
    peer.send(frames)
    await settle()
    expect(session.connection.paused).toBe(true)
    session.connection.ended()
    peer.wire.end()
    await settle()
    expect(await socket.closed).toMatchObject({ code: 4000, clean: true })
  })

  test('all that had come is delivered when the wire is cut during a pause', async () => {
    const { session, peer } = line({ highMark: 100 })
    const seen: unknown[] = []
    const working = gate()
    session.deliverTo(async message => {
      seen.push(message)
      await working.promise
    }, undefined)
    session.afterLast(({ code }) => seen.push(code))
    peer.text(...texts(20))
    await settle()
    peer.wire.cut()
    await settle()
    working.open()
    for (let round = 0; round < 20; round++) await settle()
    expect(seen).toEqual([...texts(20), 1006])
  })

  test('nothing of a message that is too big is kept: its declared length is enough', async () => {
    const { socket, peer } = line({ maxMessage: 1000 })
    peer.send('82 7f 00 00 00 01 00 00 00 00')
    await settle()
    expect(peer.told[0]?.[1]).toMatch(/^03 f1 /)
    peer.wire.end()
    expect(await socket.closed).toMatchObject({
      code: 1009,
      clean: false,
      error: { code: 'ERR_LIMIT', limit: { option: 'maxMessage', value: 1000 } },
    })
  })

  test('pongs do not pile up for a peer that pings and does not read: the newest waits', async () => {
    const { session, peer } = line({ capacity: 1 })
    peer.wire.pause()
    for (let ping = 0; ping < 20_000; ping++)
      peer.send(`89 02 ${(ping >> 8).toString(16).padStart(2, '0')} ${(ping & 255).toString(16).padStart(2, '0')}`)
    for (let round = 0; round < 50; round++) await settle()
    expect(session.connection.queued).toBeLessThan(17_000)
    peer.wire.resume()
    for (let round = 0; round < 50; round++) await settle()
    expect(peer.told.length).toBeLessThan(6000)
    expect(peer.told.at(-1)).toEqual(['pong', '4e 1f'])
  })
})

test('of more pings in one chunk than pongs may wait, each has its pong, the newest last. RFC 6455 §5.5.3', async () => {
  const { peer } = line()
  const ping = (number: number): Uint8Array => masked(frame(0x89, new Uint8Array(125).fill(number)))
  peer.wire.write([join(Array.from({ length: 200 }, (_, number) => ping(number)))])
  for (let round = 0; round < 3; round++) await settle()
  expect(peer.told).toEqual(
    Array.from({ length: 200 }, (_, number) => ['pong', toHex(new Uint8Array(125).fill(number))]),
  )
})
