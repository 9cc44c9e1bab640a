/** How a server ends, on a clock that a test moves: unready, then closed to newcomers, then line by line, then cut. */
import { describe, expect, test } from 'vitest'
import type { CloseOptions, Routes } from '../../src/server/index.ts'
import { type FakeClock, type MemoryServer, memoryServer, type Socket, settle } from '../../src/testing/index.ts'
import { gate } from '../connection/support.ts'
import { never } from './support.ts'

const quiet = { open() {} }

/** A server with lines whose ends are written down: which one, and when. */
async function drained(lines: number, routes: Routes<Record<string, unknown>> = { '/': quiet }) {
  const server = memoryServer({ routes })
  const ends: { line: number; at: number; code: number; reason: string }[] = []
  const clients: Socket[] = []
  for (let line = 0; line < lines; line++) {
    const { client } = await server.open('/')
    clients.push(client)
    client.closed.then(({ code, reason }) => ends.push({ line, at: server.clock.now(), code, reason }))
  }
  return { server, clock: server.clock, clients, ends }
}

/** The status and Retry-After of a request that is refused. */
async function refusal(server: MemoryServer): Promise<unknown> {
  const { status, headers } = await server.open('/').then(
    () => ({ status: 101, headers: {} as Record<string, unknown> }),
    error => error,
  )
  return [status, headers['retry-after']]
}

/** What a promise gives, once the clock has moved as far as it needs. */
async function after<T>(clock: FakeClock, ms: number, promise: Promise<T>): Promise<T> {
  await clock.advance(ms)
  return promise
}

describe('notice', () => {
  test('is a time in which the server is unready and does all else as before; only then newcomers get 503', async () => {
    const { server, clock, ends } = await drained(1)
    const closing = server.close({ notice: 5_000, spread: 0 })
    expect(server.draining).toBe(true)
    await clock.advance(4_999)
    const { client } = await server.open('/')
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(await refusal(server)).toEqual([503, '1'])
    expect(await client.closed).toMatchObject({ code: 1012 })
    expect(await closing).toMatchObject({ closed: 2, seconds: 5 })
  })

  test('is waited for where nobody is connected too, since nobody else may have looked yet', async () => {
    const { server, clock } = await drained(0)
    let over = false
    const closing = server.close({ notice: 5_000 }).finally(() => (over = true))
    await clock.advance(4_999)
    expect(over).toBe(false)
    expect(await after(clock, 1, closing)).toMatchObject({ closed: 0, seconds: 5 })
  })

  test('leaves a request that is being decided on its time', async () => {
    const decision = gate()
    const { server, clock } = await drained(0, { '/': { authorize: () => decision.promise.then(() => true) } })
    const opening = server.open('/')
    const closing = server.close({ notice: 1_000 })
    await clock.advance(500)
    decision.open()
    expect((await opening).client.state).toBe('open')
    expect(await after(clock, 500, closing)).toMatchObject({ closed: 1, refused: 0 })
  })
})

describe('spread', () => {
  test('closes evenly, with 1012', async () => {
    const { server, clock, ends } = await drained(10)
    const closing = server.close({ spread: 5_000 })
    await clock.advance(5_000)
    expect(ends.map(({ at }) => at)).toEqual([0, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500])
    expect(new Set(ends.map(({ code, reason }) => `${code} ${reason}`))).toEqual(
      new Set(['1012 the server is closing, connect again']),
    )
    expect(await closing).toEqual({ closed: 10, left: 0, terminated: 0, unfinished: 0, refused: 0, seconds: 4.5 })
    expect(clock.pending).toBe(0)
  })

  test('closes in an order that is not that of their coming', async () => {
    const { server, clock, ends } = await drained(100)
    await after(clock, 1_000, server.close({ spread: 1_000 }))
    const order = ends.map(({ line }) => line)
    expect(order).not.toEqual([...ends.keys()])
    expect([...order].sort((a, b) => a - b)).toEqual([...ends.keys()])
  })

  test('has newcomers refused and those that are still open served until their turn', async () => {
    const echo = { message: (socket: { send(data: unknown): unknown }, message: unknown) => socket.send(message) }
    const { server, clock, clients, ends } = await drained(2, { '/': echo as never })
    const closing = server.close({ spread: 1_000, retryAfter: 2_500 })
    await clock.advance(250)
    expect(await refusal(server)).toEqual([503, '3'])
    expect(await refusal(server)).toEqual([503, '3'])
    const last = clients[1 - (ends[0]?.line ?? 0)] as Socket
    await last.send('still here')
    expect((await last[Symbol.asyncIterator]().next()).value).toBe('still here')
    expect(await after(clock, 750, closing)).toMatchObject({ closed: 2, refused: 2 })
  })

  test('counts those that leave by themselves, and gives their moments to nobody', async () => {
    const { server, clock, clients, ends } = await drained(4)
    const closing = server.close({ spread: 4_000 })
    await clock.advance(500)
    const [first] = ends
    const [leaver] = clients.filter((_, line) => line !== first?.line)
    await leaver?.close(4000, 'bye')
    await clock.advance(3_500)
    const moments = ends.filter(({ code }) => code === 1012).map(({ at }) => at)
    expect([0, 1_000, 2_000, 3_000].filter(at => !moments.includes(at))).toHaveLength(1)
    expect(await closing).toMatchObject({ closed: 3, left: 1, terminated: 0 })
  })

  test('ends when the last has left', async () => {
    const { server, clock, clients } = await drained(3)
    const closing = server.close({ spread: 60_000 })
    await clock.advance(1_000)
    for (const client of clients) client.close()
    expect(await after(clock, 0, closing)).toMatchObject({ closed: 1, left: 2, seconds: 1 })
    expect(clock.pending).toBe(0)
  })

  test('of a herd of a thousand lines closes as many in each part of it', async () => {
    const { server, clock, ends } = await drained(1_000)
    const report = await after(clock, 30_000, server.close({ spread: 30_000 }))
    expect(report).toMatchObject({ closed: 1_000, terminated: 0 })
    const perSecond = Array.from({ length: 30 }, (_, second) =>
      ends.filter(({ at }) => Math.floor(at / 1000) === second),
    )
    for (const second of perSecond) expect(Math.abs(second.length - 1_000 / 30)).toBeLessThan(2)
  })

  test('tells clients of hotline.1 when to come back, each another time', async () => {
    const server = memoryServer({ routes: { '/': { topics: true } } })
    const lines = await Promise.all(Array.from({ length: 50 }, () => server.open('/', { protocols: ['hotline.1'] })))
    const told = lines.map(({ client }) => lastOf(client))
    await after(server.clock, 1_000, server.close({ spread: 1_000, retryAfter: 10_000 }))
    const times = (await Promise.all(told)).map(text => JSON.parse(String(text)))
    for (const { type, after } of times) {
      expect(type).toBe('retry')
      expect(after).toBeGreaterThanOrEqual(10_000)
      expect(after).toBeLessThanOrEqual(15_000)
    }
    expect(new Set(times.map(({ after }) => after)).size).toBeGreaterThan(40)
  })

  test('tells them that they may come back at once, where nothing else was said', async () => {
    const server = memoryServer({ routes: { '/': { topics: true } } })
    const { client } = await server.open('/', { protocols: ['hotline.1'] })
    const told = lastOf(client)
    await after(server.clock, 0, server.close({ spread: 1_000 }))
    expect(JSON.parse(String(await told))).toEqual({ type: 'retry', after: 0 })
  })
})

describe('handlers', () => {
  const slow = (gates: readonly { promise: Promise<void> }[]) => {
    let next = 0
    return {
      '/': {
        message: async (socket: { send(data: string): unknown }) => {
          await gates[next++]?.promise
          await socket.send('done')
        },
      },
    }
  }

  test('that work when it is their line’s turn finish, and what they send arrives', async () => {
    const working = gate()
    const { server, clock, clients, ends } = await drained(1, slow([working]) as never)
    const [client] = clients as [Socket]
    await client.send('work')
    await settle()
    const closing = server.close({ spread: 1_000 })
    await clock.advance(5_000)
    expect(ends).toEqual([])
    working.open()
    expect((await client[Symbol.asyncIterator]().next()).value).toBe('done')
    expect(await closing).toMatchObject({ closed: 1, unfinished: 0, seconds: 5 })
  })

  test('that never finish are not waited for in the last second; their line closes, and it is told', async () => {
    const { server, clock, clients, ends } = await drained(1, { '/': { message: () => never() } })
    await clients[0]?.send('work')
    await settle()
    const closing = server.close({ spread: 2_000, within: 6_000 })
    await clock.advance(4_999)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toMatchObject([{ at: 5_000, code: 1012 }])
    expect(await closing).toMatchObject({ closed: 1, terminated: 0, unfinished: 1, seconds: 5 })
  })

  test.each([
    [{}, 10_000],
    [{ spread: 8_000 }, 18_000],
    [{ spread: 8_000, notice: 1_000 }, 19_000],
    [{ spread: 8_000, notice: 1_000, within: 9_000 }, 9_000],
    [{ within: 300 }, 300],
  ] satisfies [CloseOptions, number][])(
    'that never finish, of peers that do not answer, are cut: %j',
    async (options, end) => {
      const server = memoryServer({ routes: { '/': { open: () => never() } } })
      await server.open('/', { faults: { client: { drop: 1 } } })
      const closing = server.close(options)
      await server.clock.advance(end - 1)
      expect(server.sockets.size).toBe(1)
      const seconds = end / 1000
      expect(await after(server.clock, 1, closing)).toMatchObject({ closed: 0, terminated: 1, unfinished: 1, seconds })
      expect(server.clock.pending).toBe(0)
    },
  )
})

describe('the options', () => {
  test.each([
    [{ within: 5_000, spread: 5_001 }, 'within', '5001, not 5000'],
    [{ within: 5_000, spread: 3_000, notice: 2_001 }, 'within', '5001, not 5000'],
    [{ spread: -1 }, 'spread', 'must be milliseconds'],
    [{ notice: '5s' }, 'notice', 'must be milliseconds'],
    [{ retryAfter: Number.NaN }, 'retryAfter', 'must be milliseconds'],
    [{ spred: 1 }, 'spred', 'it has within, notice, spread, retryAfter'],
  ])('%j are refused by name, and nothing is closed', async (options, option, words) => {
    const { server } = await drained(1)
    expect(() => server.close(options as CloseOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', option, message: expect.stringContaining(words) }),
    )
    expect(server.draining).toBe(false)
    expect(server.sockets.size).toBe(1)
  })

  test('of the first call hold; a second call has the same promise, and its wrong options are refused too', async () => {
    const { server, clock, ends } = await drained(2)
    const closing = server.close({ spread: 1_000 })
    expect(server.close({ within: 0 })).toBe(closing)
    expect(() => server.close({ within: -1 })).toThrow(expect.objectContaining({ option: 'within' }))
    await clock.advance(1_000)
    expect(ends.map(({ at }) => at)).toEqual([0, 500])
    expect(await closing).toMatchObject({ closed: 2 })
  })

  test('undefined are the defaults: all at once, with 1001', async () => {
    const { server, clock, ends } = await drained(3)
    const options: object = { within: undefined, spread: undefined, notice: undefined, retryAfter: undefined }
    await after(clock, 0, server.close(options))
    expect(ends.map(({ at, code, reason }) => [at, code, reason])).toEqual(
      Array.from({ length: 3 }, () => [0, 1001, 'the server is closing']),
    )
  })
})

describe('terminate()', () => {
  test.each([
    ['the notice', { notice: 5_000, spread: 5_000 }],
    ['the spread', { spread: 60_000 }],
  ])('in %s ends it at once, and what was cut is told', async (_, options) => {
    const { server, clock, ends } = await drained(3)
    const closing = server.close(options)
    await clock.advance(1_000)
    server.terminate()
    const closed = ends.filter(({ code }) => code === 1012).length
    expect(await after(clock, 0, closing)).toMatchObject({ closed, terminated: 3 - closed, left: 0, seconds: 1 })
    expect(await refusal(server)).toEqual([503, '1'])
    expect(clock.pending).toBe(0)
  })

  test('does not wait for handlers that work on, nor for what they do when their line has closed', async () => {
    const { server, clock, clients } = await drained(2, { '/': { message: () => never(), close: () => never() } })
    await clients[0]?.send('work')
    await settle()
    const closing = server.close({ within: 60_000 })
    await clock.advance(1_000)
    server.terminate()
    expect(await after(clock, 0, closing)).toMatchObject({ closed: 1, terminated: 1, unfinished: 1, seconds: 1 })
    expect(clock.pending).toBe(0)
  })
})

test('a request that is being decided on gets 503 once the notice is over, and whoever decides may call close again', async () => {
  let again: Promise<unknown> | undefined
  const server = memoryServer({
    routes: {
      '/': {
        authorize: ({ signal }) => {
          signal.addEventListener('abort', () => (again = server.close()))
          return never(signal)
        },
      },
    },
  })
  const refused = refusal(server)
  await settle()
  const closing = server.close({ spread: 1_000, retryAfter: 4_000 })
  expect(await refused).toEqual([503, '4'])
  expect(again).toBe(closing)
  expect(await closing).toMatchObject({ refused: 1 })
})

/** The last message of a line. */
async function lastOf(client: Socket): Promise<unknown> {
  let last: unknown
  for await (const message of client) last = message
  return last
}
