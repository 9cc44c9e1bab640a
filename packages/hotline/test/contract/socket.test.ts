/**
 * What an application sees of the socket below a transport is the same whether its bytes go by documented parts of Node or
 * by the lane: counts, timeouts, states, errors, the end.
 */
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Transport } from '../../src/connection/transport.ts'
import { Log, within } from '../support/deadline.ts'
import { HUGE, hugePieces, pattern, Recorder, turn } from './transport.ts'
import { type Wire, type WiredEnds, wired, wires } from './wires.ts'

/** Milliseconds of a timeout: much more than a turn of the loop takes. */
const TIMEOUT = 250

/** What a socket is, apart from its numbers. */
const stateOf = ({ readyState, destroyed, writable, readable, writableEnded, readableEnded, errored }: Socket) => ({
  readyState,
  destroyed,
  writable,
  readable,
  writableEnded,
  readableEnded,
  errored: (errored as NodeJS.ErrnoException | null)?.code,
})

/** What the socket says when it closes: whether that was a fault. */
const closeOf = (socket: Socket): Promise<boolean> =>
  within('the close', new Promise(resolve => socket.once('close', resolve)))

/** Acts again and again for some timeouts; returns the longest time between two acts. */
async function keepOn(act: () => void): Promise<number> {
  const end = performance.now() + 4 * TIMEOUT
  let longest = 0
  for (let last = performance.now(); last < end; ) {
    act()
    await turn()
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  return longest
}

/** Reads as if all took so many milliseconds, until the system has the rest; returns the longest time between two reads. */
async function readEvenly(near: Transport, far: Transport, told: Recorder, ms: number): Promise<number> {
  const start = performance.now()
  let longest = 0
  for (let last = start; near.queued > 0; ) {
    const { size } = told
    far.resume()
    await told.log.until('a chunk', () => told.size > size)
    far.pause()
    while (performance.now() < start + (ms * told.size) / HUGE) await turn()
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }
  return longest
}

describe.each(wires)('the socket below a transport over $name', wire => {
  const open: WiredEnds[] = []
  afterEach(() => {
    for (const ends of open.splice(0)) ends.dispose()
  })

  async function opened(as: Wire = wire) {
    const ends = await wired(as)
    open.push(ends)
    const [told, farTold] = [new Recorder(), new Recorder()]
    ends.near.open(told)
    ends.far.open(farTold)
    return { ...ends, told, farTold }
  }

  /** How often the near socket told of its timeout. */
  function timeoutsOf(socket: Socket) {
    const timeouts = new Log<string>()
    socket.setTimeout(TIMEOUT)
    socket.on('timeout', () => timeouts.push('timeout'))
    return timeouts
  }

  test('counts the bytes of each direction, also once it is closed', async () => {
    const { near, far, nearSocket, farSocket, told, farTold } = await opened()
    const counts = () => [nearSocket, farSocket].map(({ bytesRead, bytesWritten }) => [bytesRead, bytesWritten])
    const before = counts()
    near.write([pattern(1000)])
    near.write([pattern(10), pattern(20), pattern(70_000)])
    far.write([pattern(5)])
    await Promise.all([told.has(5), farTold.has(71_030)])
    for (const piece of hugePieces()) near.write([piece])
    await farTold.has(71_030 + HUGE)
    const grown = () => counts().map((both, at) => both.map((count, of) => count - (before[at]?.[of] ?? 0)))
    const sent = 71_030 + HUGE
    expect(grown()).toEqual([
      [5, sent],
      [sent, 5],
    ])
    near.end()
    far.end()
    await Promise.all([told.told('closed'), farTold.told('closed')])
    expect(grown()).toEqual([
      [5, sent],
      [sent, 5],
    ])
  })

  test('counts what is still queued as written', async () => {
    const { near, far, nearSocket } = await opened()
    const before = nearSocket.bytesWritten
    far.pause()
    near.write(hugePieces())
    expect(near.queued).toBeGreaterThan(0)
    expect(nearSocket.bytesWritten - before).toBe(HUGE)
  })

  test('tells of a timeout when nothing is read or written, and stays open', async () => {
    const { near, nearSocket, farTold, told } = await opened()
    const timeouts = timeoutsOf(nearSocket)
    expect(nearSocket.timeout).toBe(TIMEOUT)
    await timeouts.until('a timeout', all => all.length > 0)
    near.write([pattern(10)])
    await farTold.has(10)
    expect(told.log.all).not.toContain('closed')
  })

  test.each(['what is written', 'what is read'])('counts %s as a sign of life', async what => {
    const { near, far, nearSocket } = await opened()
    const timeouts = timeoutsOf(nearSocket)
    const from = what === 'what is written' ? near : far
    const longest = await keepOn(() => from.write([pattern(10), pattern(10)]))
    if (longest < TIMEOUT / 2) expect(timeouts.all).toEqual([])
  })

  test('tells of no timeout while a write gets on, and of one when it does not', async () => {
    const { near, far, nearSocket, farTold } = await opened()
    far.pause()
    near.write(hugePieces())
    const timeouts = timeoutsOf(nearSocket)
    const longest = await readEvenly(near, far, farTold, 5 * TIMEOUT)
    // Over TLS, Node itself does not see that a write gets on.
    if (wire.kind === 'tcp' && longest < TIMEOUT / 4) expect(timeouts.all).toEqual([])
    far.pause()
    for (let count = 0; count < 3; count++) near.write(hugePieces())
    await timeouts.until('a timeout', all => all.length > 0)
    expect(near.queued).toBeGreaterThan(0)
  })

  test('ends behind what is queued, by whomever it is ended', async () => {
    const { near, far, nearSocket, farTold } = await opened()
    far.pause()
    near.write(hugePieces())
    nearSocket.destroySoon()
    await turn()
    far.resume()
    await farTold.told('ended')
    expect(farTold.bytes.equals(pattern(HUGE))).toBe(true)
  })

  test('passes through the states of half-close', async () => {
    const { near, far, nearSocket, told, farTold } = await opened()
    expect(nearSocket.readyState).toBe('open')
    far.end()
    await told.told('ended')
    expect(stateOf(nearSocket)).toEqual({
      readyState: 'writeOnly',
      destroyed: false,
      writable: true,
      readable: false,
      writableEnded: false,
      readableEnded: true,
      errored: undefined,
    })
    near.write([pattern(100)])
    near.end()
    await Promise.all([told.told('closed'), farTold.told('ended')])
    expect(stateOf(nearSocket)).toMatchObject({ readyState: 'closed', destroyed: true, writableEnded: true })
    expect(farTold.size).toBe(100)
  })

  test('tells whether it was closed by a fault', async () => {
    const good = await opened()
    const closed = closeOf(good.nearSocket)
    good.near.write([pattern(10)])
    good.near.end()
    good.far.end()
    expect(await closed).toBe(false)
    const bad = await opened()
    const failed = closeOf(bad.nearSocket)
    bad.near.write(hugePieces())
    bad.reset()
    expect(await failed).toBe(true)
  })

  test('gives up a write to a peer that has gone with the error of the system', async () => {
    const { near, nearSocket, reset, told } = await opened()
    near.pause()
    reset()
    for (let count = 0; count < 1000 && !told.log.all.includes('closed'); count++) {
      near.write([pattern(100), pattern(100)])
      await turn()
    }
    await told.told('closed')
    const error = told.error as NodeJS.ErrnoException
    expect(['EPIPE', 'ECONNRESET']).toContain(error.code)
    expect(error).toMatchObject({ syscall: 'write', message: `write ${error.code}` })
    expect(error.errno).toBeLessThan(0)
    expect(stateOf(nearSocket)).toMatchObject({ destroyed: true, errored: error.code })
    expect(near.queued).toBe(0)
  })

  test('is counted among the connections of its server until it is closed', async () => {
    const { near, far, server, told } = await opened()
    const count = (): Promise<number> =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      )
    near.write([pattern(10)])
    expect(await count()).toBe(1)
    far.end()
    await told.told('ended')
    expect(await count()).toBe(1)
    near.end()
    await told.told('closed')
    expect(await count()).toBe(0)
  })

  test('forgets what is queued when it is destroyed, and calls nobody for it', async () => {
    const { near, far, nearSocket, told } = await opened()
    far.pause()
    near.write(hugePieces())
    near.write([pattern(10)])
    nearSocket.destroy()
    await told.told('closed')
    for (let count = 0; count < 5; count++) await turn()
    expect(told.count('written')).toBe(0)
    expect(told.error).toBeUndefined()
    expect(near.queued).toBe(0)
  })

  test('lets an application write too, in the order of the calls', async () => {
    const { near, nearSocket, far, farTold } = await opened()
    far.pause()
    const sent: Uint8Array[] = []
    for (let at = 0; at < 20; at++) {
      const piece = pattern(300_000, at)
      sent.push(piece, piece.subarray(0, 7))
      near.write([piece])
      nearSocket.write(piece.subarray(0, 7))
    }
    far.resume()
    await farTold.has(20 * 300_007)
    expect(farTold.bytes.equals(Buffer.concat(sent))).toBe(true)
  })
})
