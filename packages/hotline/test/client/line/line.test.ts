/** A line over any WebSocket server, on a fake clock. */
import { describe, expect, test, vi } from 'vitest'
import { connect } from '../../../src/client/connect.ts'
import type { TypedConnectOptions, TypedOpenOptions } from '../../../src/client/index.ts'
import type {
  AskOptions,
  ConnectOptions,
  LineSendOptions,
  PublishOptions,
  TopicOptions,
} from '../../../src/client/line/index.ts'
import { Unread } from '../../../src/client/line/unread.ts'
import type { Contract } from '../../../src/contract/index.ts'
import { ClosedError, LimitError, UsageError, WebSocketError } from '../../../src/errors.ts'
import { fakeLine, settle } from './support.ts'

const statuses = (states: readonly { readonly status: string }[]): string[] => states.map(({ status }) => status)

describe('a line', () => {
  test('connects by itself, and tells each state with what is true in it', async () => {
    const { line, clock, states, socket } = fakeLine()
    expect(line.status).toBe('connecting')
    ;(await socket()).open()
    await line.opened
    ;(await socket()).end(1006)
    await clock.advance(999)
    expect(line.status).toBe('waiting')
    await clock.advance(1)
    expect(line.status).toBe('connecting')
    ;(await socket()).open()
    line.close()
    expect(states).toEqual([
      { status: 'open', protocol: '' },
      {
        status: 'waiting',
        attempt: 1,
        delay: 1_000,
        end: expect.objectContaining({ by: 'peer', code: 1006, opened: true }),
      },
      { status: 'connecting', attempt: 2 },
      { status: 'open', protocol: '' },
      { status: 'closed', end: expect.objectContaining({ by: 'caller', code: 1000 }) },
    ])
  })

  test('waits longer each time that an attempt comes to nothing', async () => {
    const { clock, sockets, states, socket } = fakeLine()
    for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      ;(await socket()).end()
      await settle()
      expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: wait })
      await clock.advance(wait)
    }
    expect(sockets).toHaveLength(8)
  })

  test('begins at the shortest wait again only after it was open for a while', async () => {
    const { clock, states, socket } = fakeLine()
    const cut = async (openFor: number): Promise<unknown> => {
      const one = (await socket()).open()
      await clock.advance(openFor)
      one.end()
      await settle()
      const state = states.at(-1) as { delay: number }
      await clock.advance(state.delay)
      return state.delay
    }
    expect([await cut(0), await cut(9_999), await cut(0), await cut(10_000), await cut(0)]).toEqual([
      1_000, 2_000, 4_000, 1_000, 2_000,
    ])
  })

  test('begins at the shortest wait again when its server goes in order, as all do in a rolling restart', async () => {
    const { clock, states, socket } = fakeLine()
    for (const [code, wait] of [
      [1006, 1_000],
      [1012, 1_000],
      [1012, 1_000],
      [1006, 2_000],
    ] as const) {
      ;(await socket()).open().end(code)
      await settle()
      expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: wait })
      await clock.advance(wait)
    }
  })

  test('ends for good when the server says no, and says why', async () => {
    const { line, clock, sockets, socket } = fakeLine()
    ;(await socket()).open().end(4401, 'sign in again')
    expect(await line.closed).toMatchObject({ by: 'peer', code: 4401, reason: 'sign in again', opened: true })
    await expect(line.send('x')).rejects.toThrow(new ClosedError(4401, 'sign in again'))
    await expect(async () => {
      for await (const _ of line);
    }).rejects.toMatchObject({ code: 'ERR_CLOSED', closeCode: 4401 })
    await clock.advance(3_600_000)
    expect([sockets.length, clock.pending]).toEqual([1, 0])
  })

  test('rejects `opened` when it is refused, with the status that Node knows', async () => {
    const { line, socket } = fakeLine()
    ;(await socket()).end(1006, '', { status: 403, refused: true })
    await expect(line.opened).rejects.toBeInstanceOf(ClosedError)
    expect(await line.closed).toMatchObject({ status: 403, opened: false })
  })

  test('obeys Retry-After of an answer, where it can be seen', async () => {
    const { clock, sockets, states, socket } = fakeLine({ random: () => 0 })
    ;(await socket()).end(1006, '', { status: 503, retryAfter: 7_000 })
    await settle()
    expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: 7_000 })
    await clock.advance(6_999)
    expect(sockets).toHaveLength(1)
    await clock.advance(1)
    expect(sockets).toHaveLength(2)
  })

  test('asks its owner about each end; an owner that throws is reported, and the line goes on by itself', async () => {
    const reported: unknown[] = []
    const ends: number[] = []
    const retry = ({ code }: { readonly code: number }): number => {
      ends.push(code)
      if (code === 1011) throw new Error('mine')
      return 5
    }
    const { clock, states, socket } = fakeLine({ retry, random: () => 0, report: error => reported.push(error) })
    ;(await socket()).open().end(4401)
    expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: 5 })
    await clock.advance(5)
    ;(await socket()).open().end(1011)
    expect(states.at(-1)).toMatchObject({ status: 'waiting', delay: 0 })
    expect([ends, reported]).toEqual([[4401, 1011], [new Error('mine')]])
  })
})

describe('an attempt', () => {
  test('gets its URL and its token anew, and knows its number', async () => {
    const asked: number[] = []
    const url = async ({ attempt }: { attempt: number }): Promise<string> => `ws://server/${asked.push(attempt)}`
    const options = { protocols: 'chat', token: async () => `sécret ${asked.length}` }
    const { clock, sockets, socket } = fakeLine(options, url)
    ;(await socket()).end()
    await clock.advance(1_000)
    expect(asked).toEqual([1, 2])
    expect(sockets.map(({ url }) => url)).toEqual(['ws://server/1', 'ws://server/2'])
    const [, offered = ''] = sockets[1]?.protocols ?? []
    expect(Buffer.from(offered.replace('hotline.token.', ''), 'base64url').toString()).toBe('sécret 2')
    expect(sockets[1]?.protocols[0]).toBe('chat')
  })

  test('that has no URL or token is tried again, with the error in the state', async () => {
    const fault = new Error('the token server is away')
    const { clock, states, sockets } = fakeLine({
      protocols: 'chat',
      token: () => {
        throw fault
      },
    })
    await clock.advance(1_000)
    expect(states[0]).toMatchObject({ status: 'waiting', end: { opened: false, error: fault } })
    expect([statuses(states), sockets.length]).toEqual([['waiting', 'connecting', 'waiting'], 0])
  })

  test('is given up at its deadline, the token included', async () => {
    let signal: AbortSignal | undefined
    const token = (context: { signal: AbortSignal }): Promise<string> => {
      signal = context.signal
      return new Promise(() => {})
    }
    const { clock, states } = fakeLine({ protocols: 'chat', token, attemptTimeout: 5_000 })
    await clock.advance(5_000)
    expect(states[0]).toMatchObject({ status: 'waiting', end: { error: { code: 'ERR_TIMEOUT' } } })
    expect(signal?.aborted).toBe(true)
  })

  test('that hangs is closed, and what it says later is not heard', async () => {
    const { line, clock, sockets, states } = fakeLine({ attemptTimeout: 5_000 })
    await clock.advance(5_000)
    expect([line.status, sockets[0]?.closed]).toEqual(['waiting', { code: undefined, reason: undefined }])
    sockets[0]?.open()
    expect(line.status).toBe('waiting')
    await clock.advance(1_000)
    sockets[0]?.end(4401)
    expect(statuses(states)).toEqual(['waiting', 'connecting'])
  })

  /** A class that takes no URL. */
  const Refusing = class {
    constructor() {
      throw new DOMException('not a URL', 'SyntaxError')
    }
  } as never

  test('with a URL or a subprotocol that is none is the last', async () => {
    const line = fakeLine({ WebSocket: Refusing })
    await settle()
    expect(line.states).toMatchObject([{ status: 'closed', end: { error: { code: 'ERR_USAGE', option: 'url' } } }])
  })

  test('whose function gave no URL, as when it was told of an error by a page, is tried again', async () => {
    const { line, states } = fakeLine({ WebSocket: Refusing }, async () => '<title>503</title>')
    await settle()
    expect(states).toMatchObject([{ status: 'waiting', end: { error: { name: 'SyntaxError' } } }])
    line.close()
  })
})

describe('sending', () => {
  test('waits while the line is away, in order, and what is given may be changed', async () => {
    const { line, clock, sockets, socket } = fakeLine()
    const bytes = new Uint8Array([1, 2, 3])
    const sent = [line.send('a'), line.send(bytes)]
    bytes.fill(0)
    expect(line.pending).toBe(2)
    ;(await socket()).open()
    await Promise.all(sent)
    expect(sockets[0]?.sent).toEqual(['a', new Uint8Array([1, 2, 3])])
    sockets[0]?.end()
    const later = line.send('b')
    await clock.advance(1_000)
    ;(await socket()).open()
    await later
    expect([sockets[1]?.sent, line.pending]).toEqual([['b'], 0])
  })

  test('is refused typed when too much waits', async () => {
    const { line } = fakeLine({ queue: { count: 1 } })
    line.send('a')
    await expect(line.send('b')).rejects.toBeInstanceOf(LimitError)
    expect([line.pending, line.dropped]).toEqual([1, 0])
  })

  test.each(['drop-oldest', 'drop-newest'] as const)('tells and counts what %s took', async policy => {
    const { line } = fakeLine({ queue: { count: 1, policy } })
    const drops: unknown[] = []
    line.on('drop', drop => drops.push(drop))
    const sent = [line.send('a'), line.send('b')]
    const lost = policy === 'drop-oldest' ? 0 : 1
    await expect(sent[lost]).rejects.toMatchObject({ code: 'ERR_LIMIT', limit: { option: 'queue.count', value: 1 } })
    expect([drops, line.dropped]).toEqual([[{ from: 'queue', data: 'ab'[lost] }], 1])
  })

  test.each(['drop-oldest', 'drop-newest'] as const)(
    'again in a listener of drop comes to an end: %s',
    async policy => {
      const { line } = fakeLine({ queue: { count: 1, policy } })
      const all: Promise<void>[] = []
      const told: unknown[] = []
      const send = (data: string): void => void all.push(line.send(data))
      line.on('drop', ({ data }) => {
        told.push(data)
        send(`${data} again`)
      })
      // Told behind another event, too.
      line.on('status', () => ['c', 'd'].forEach(send))
      send('a')
      send('b')
      const first = policy === 'drop-oldest' ? 'a' : 'b'
      expect([told, line.dropped, line.pending]).toEqual([[first], 2, 1])
      line.close()
      await Promise.allSettled(all)
      expect(told).toEqual([first])
      for (const one of all) await expect(one).rejects.toBeInstanceOf(WebSocketError)
    },
  )

  test('waits for a WebSocket that has enough', async () => {
    const { line, clock, socket } = fakeLine()
    const one = (await socket()).open()
    one.bufferedAmount = 65_536
    let handed = false
    line.send('a').then(() => {
      handed = true
    })
    await clock.advance(1_000)
    expect([one.sent, handed]).toEqual([[], false])
    one.bufferedAmount = 65_535
    await clock.advance(20)
    expect([one.sent, handed]).toEqual([['a'], true])
  })

  test('is taken back by the signal while it waits', async () => {
    const { line, socket } = fakeLine()
    const controller = new AbortController()
    const sent = [line.send('a', { signal: controller.signal }), line.send('b', { signal: AbortSignal.abort() })]
    controller.abort()
    for (const one of sent) await expect(one).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect((await socket()).open().sent).toEqual([])
  })
})

describe('reading', () => {
  test('gives what came before anybody read, across connections, and leaving the loop leaves the line open', async () => {
    const { line, clock, socket } = fakeLine()
    ;(await socket()).open().receive('a')
    ;(await socket()).receive(new Uint8Array([1]).buffer)
    ;(await socket()).end()
    await clock.advance(1_000)
    ;(await socket()).open().receive('c')
    const read: unknown[] = []
    for await (const message of line) if (read.push(message) === 3) break
    expect([read, line.status]).toEqual([['a', new Uint8Array([1]), 'c'], 'open'])
    const next = line[Symbol.asyncIterator]().next()
    ;(await socket()).receive('d')
    expect(await next).toEqual({ done: false, value: 'd' })
  })

  test('gives what is left when the caller closed, and then ends', async () => {
    const { line, socket } = fakeLine()
    ;(await socket()).open().receive('a')
    line.close()
    const read: unknown[] = []
    for await (const message of line) read.push(message)
    expect(read).toEqual(['a'])
  })

  test('drops the oldest of what nobody reads, told and counted', async () => {
    const { line, socket } = fakeLine({ maxUnread: 138 })
    const drops: unknown[] = []
    line.on('drop', drop => drops.push(drop))
    const one = (await socket()).open()
    for (const text of ['12345', '67890', 'x']) one.receive(text)
    expect([drops, line.dropped]).toEqual([[{ from: 'unread', data: '12345' }], 1])
    expect(await line[Symbol.asyncIterator]().next()).toEqual({ done: false, value: '67890' })
  })

  test('takes as long for each of 300 000 that wait as for each of a few', async () => {
    const cost = (count: number): number => {
      const unread = new Unread<number>(Number.POSITIVE_INFINITY, () => {})
      for (let item = 0; item < count; item++) unread.push(item, 0)
      const before = process.cpuUsage()
      for (let item = 0; item < count; item++) unread.next()
      const { user, system } = process.cpuUsage(before)
      return (user + system) / count
    }
    cost(30_000)
    // Shifting an array of that length took a hundred times as long.
    expect(cost(300_000)).toBeLessThan(10 * Math.max(1, cost(30_000)))
  })

  test('by a listener is at once; one that throws is reported, and the others are told', async () => {
    const reported: unknown[] = []
    const { line, socket } = fakeLine({ report: error => reported.push(error) })
    const read: unknown[] = []
    line.on('message', () => {
      throw new Error('mine')
    })
    line.on('message', async () => {
      throw new Error('mine, later')
    })
    const off = line.on('message', message => read.push(message))
    ;(await socket()).open().receive('a')
    off()
    ;(await socket()).receive('b')
    await settle()
    expect(read).toEqual(['a'])
    const each = ['Error: mine', 'Error: mine, later']
    expect(reported.map(String).sort()).toEqual([...each, ...each].sort())
  })
})

test('a listener that two have added is there until both have taken it away', async () => {
  const { line, socket } = fakeLine()
  const listener = vi.fn()
  const off = line.on('message', listener)
  const offToo = line.on('message', listener)
  off()
  off()
  ;(await socket()).open().receive('a')
  expect(listener).toHaveBeenCalledTimes(1)
  offToo()
  ;(await socket()).receive('b')
  expect(listener).toHaveBeenCalledTimes(1)
})

describe('closing', () => {
  const wrong: [code: number | undefined, reason?: string][] = [
    [5],
    [1001],
    [2999],
    [5000],
    [Number.NaN],
    [3000, 'é'.repeat(62)],
  ]
  test.each(wrong)('with %j and %j is refused in the same way, whatever the line is doing', async (code, reason) => {
    const { line, clock, sockets, socket } = fakeLine()
    const refused = (): void => expect(() => line.close(code, reason)).toThrow(UsageError)
    refused()
    ;(await socket()).open()
    refused()
    expect([line.status, sockets[0]?.closed]).toEqual(['open', undefined])
    ;(await socket()).end()
    expect(line.status).toBe('waiting')
    refused()
    await clock.advance(1_000)
    expect(line.status).toBe('connecting')
    line.close(3000, 'é'.repeat(61))
    refused()
  })

  test('sends what waits, then the code, and waits for the handshake', async () => {
    const { line, clock, socket } = fakeLine()
    const one = (await socket()).open()
    one.bufferedAmount = 100_000
    const sent = line.send('last words')
    const closing = line.close(3000, 'done')
    await sent
    expect([one.sent, one.closed, line.status]).toEqual([['last words'], { code: 3000, reason: 'done' }, 'closed'])
    let over = false
    closing.then(() => {
      over = true
    })
    await settle()
    expect(over).toBe(false)
    one.end(3000)
    await closing
    expect(clock.pending).toBe(0)
  })

  test('does not wait for a peer that never answers', async () => {
    const { line, clock, socket } = fakeLine()
    ;(await socket()).open()
    const closing = line.close()
    await clock.advance(5_000)
    await closing
  })

  test.each(['connecting', 'waiting'])('while %s leaves nothing behind, and rejects what waits', async status => {
    const { line, clock, sockets, socket } = fakeLine()
    if (status === 'waiting') (await socket()).end()
    await settle()
    expect(line.status).toBe(status)
    const sent = line.send('never')
    const closing = line.close()
    sockets[0]?.end()
    await closing
    await expect(sent).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await clock.advance(60_000)
    expect([sockets.length, clock.pending]).toEqual([1, 0])
  })

  test('by the signal rejects with what the caller said', async () => {
    const controller = new AbortController()
    const { line, socket } = fakeLine({ signal: controller.signal })
    ;(await socket()).open()
    const reason = new Error('the user left')
    controller.abort(reason)
    expect(await line.closed).toMatchObject({ by: 'caller', error: { code: 'ERR_ABORTED', cause: reason } })
    await expect(line.send('x')).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect(fakeLine({ signal: controller.signal }).line.status).toBe('closed')
  })

  test('by `await using` is closing', async () => {
    const { line, socket } = fakeLine()
    const one = (await socket()).open()
    const disposed = line[Symbol.asyncDispose]()
    one.end(1000)
    await disposed
    expect([line.status, one.closed]).toEqual(['closed', { code: 1000, reason: '' }])
  })
})

describe('options', () => {
  const wrong: [option: string, options: object][] = [
    ['nonsense', { nonsense: 1 }],
    ['toString', { toString: 1 }],
    ['attemptTimeout', { attemptTimeout: Number.POSITIVE_INFINITY }],
    ['attemptTimeout', { attemptTimeout: -1 }],
    ['attemptTimeout', { attemptTimeout: Number.NaN }],
    ['attemptTimeout', { attemptTimeout: '5' }],
    ['heartbeat', { heartbeat: 5 }],
    ['heartbeat', { heartbeat: null }],
    ['interval', { heartbeat: { interval: '5' } }],
    ['cap', { backoff: { cap: -1 } }],
    ['maximum', { backoff: { maximum: 1 } }],
    ['policy', { queue: { policy: 'drop' } }],
    ['token', { token: 'secret', protocols: [] }],
    ['retry', { retry: 5 }],
  ]
  test.each(wrong)('%s is refused by name in Node: %o', (option, options) => {
    expect(() => connect('ws://server', options as ConnectOptions)).toThrow(UsageError)
    expect(() => connect('ws://server', options as ConnectOptions)).toThrow(expect.objectContaining({ option }))
  })

  test('undefined is the default', async () => {
    // Compiled under exactOptionalPropertyTypes: each option takes undefined by its type.
    const backoff = { base: undefined, cap: undefined, stable: undefined }
    const heartbeat = { interval: undefined, timeout: undefined, message: undefined }
    const queue = { count: undefined, bytes: undefined, policy: undefined }
    const nested = { backoff, heartbeat, queue } satisfies ConnectOptions
    const none: { readonly [K in keyof Required<Omit<ConnectOptions, keyof typeof nested>>]: undefined } = {
      protocols: undefined,
      token: undefined,
      form: undefined,
      retry: undefined,
      attemptTimeout: undefined,
      maxUnread: undefined,
      signal: undefined,
      report: undefined,
      socket: undefined,
      WebSocket: undefined,
      clock: undefined,
      random: undefined,
    }
    const all: ConnectOptions = { ...none, ...nested }
    await using _real = connect('ws://127.0.0.1:0/', all)
    const topic: TopicOptions = { last: undefined, presence: undefined }
    const publish: PublishOptions = { self: undefined, signal: undefined }
    const ask: AskOptions & LineSendOptions = { timeout: undefined, signal: undefined }
    const typed: TypedConnectOptions = { invalid: undefined }
    const open: TypedOpenOptions<Contract> = { invalid: undefined }
    expect([topic, publish, ask, typed, open]).toHaveLength(5)
    const { WebSocket: _, clock: __, random: ___, report: ____, protocols: _____, ...some } = all
    const { line, sockets } = fakeLine(some)
    await settle()
    line.send('waits')
    expect([line.pending, sockets.length]).toEqual([1, 1])
  })
})
