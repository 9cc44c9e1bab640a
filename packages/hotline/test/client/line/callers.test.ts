/** What callers do at the worst moment: they close in a callback, leave promises open, give what cannot be written. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ConnectOptions } from '../../../src/client/line/options.ts'
import { systemClock } from '../../../src/client/line/state.ts'
import { ClosedError, UsageError } from '../../../src/errors.ts'
import { type FakeSocket, fakeLine, settle } from './support.ts'

function speaking(options: ConnectOptions = {}) {
  const all = fakeLine({ protocols: 'hotline.1', ...options })
  return { ...all, open: async (): Promise<FakeSocket> => (await all.socket()).open('hotline.1') }
}

const told = (socket: FakeSocket): unknown[] => socket.sent.map(text => JSON.parse(text as string))

describe('a line that is closed', () => {
  test('by what `retry` does stays closed', async () => {
    const { line, clock, sockets, socket } = fakeLine({ retry: () => void line.close() })
    ;(await socket()).open().end(1006)
    await clock.advance(60_000)
    expect(line.status).toBe('closed')
    expect(sockets).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test.each(['url', 'token'])('by what gives the %s stays closed', async name => {
    let asked = 0
    const give = (): string => {
      if (++asked === 2) line.close()
      return 'ws://server/'
    }
    const { line, clock, sockets, socket } = fakeLine(
      name === 'token' ? { token: give, protocols: 'hotline.1' } : {},
      name === 'url' ? give : undefined,
    )
    ;(await socket()).end(1006)
    await clock.advance(60_000)
    expect([asked, line.status, sockets.length, clock.pending]).toEqual([2, 'closed', 1, 0])
  })

  test('while a request of the server is given up stays closed', async () => {
    const { line, clock, sockets, open } = speaking()
    line.answer('slow', (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => line.close())))
    const socket = await open()
    socket.receive('{"type":"request","id":1,"name":"slow"}')
    socket.end(1006)
    await clock.advance(60_000)
    expect(line.status).toBe('closed')
    expect(sockets).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('as soon as it is open has told its listeners the end last', async () => {
    const { line, clock, open } = speaking()
    const told: string[] = []
    line.on('status', ({ status }) => void (status === 'open' && line.close()))
    line.on('status', ({ status }) => told.push(status))
    await open()
    await clock.advance(60_000)
    expect(told.at(-1)).toBe('closed')
    expect(clock.pending).toBe(0)
  })

  test('leaves no promise without an end', async () => {
    const { line, clock, open } = speaking()
    await open()
    const asked = [line.publish('chat', 1), line.request('add', 2, { timeout: 0 })]
    line.close()
    for (const one of asked) await expect(Promise.race([one, settle()])).rejects.toBeInstanceOf(ClosedError)
    await clock.advance(5_000)
    expect(clock.pending).toBe(0)
  })

  test('gives up what the server asked', async () => {
    const { line, open } = speaking()
    let given: AbortSignal | undefined
    line.answer('slow', (_, { signal }) => {
      given = signal
      return new Promise(() => {})
    })
    ;(await open()).receive('{"type":"request","id":1,"name":"slow"}')
    line.close()
    expect(given?.aborted).toBe(true)
  })
})

describe('what cannot be written', () => {
  test('as a reply is reported, and is `failed` to the server', async () => {
    const reported: unknown[] = []
    const { line, open } = speaking({ report: error => reported.push(error) })
    line.answer('big', () => 1n)
    const socket = await open()
    socket.receive('{"type":"request","id":1,"name":"big"}')
    await settle()
    expect(told(socket)).toEqual([{ type: 'error', id: 1, code: 'failed', reason: 'failed' }])
    expect(reported).toEqual([expect.any(TypeError)])
  })

  test('is a wrong call: rejected, not thrown', async () => {
    const { line, open } = speaking()
    await open()
    await expect(line.publish('chat', 1n)).rejects.toBeInstanceOf(UsageError)
  })
})

describe('a topic', () => {
  test('that is taken as soon as the line is open is subscribed to once', async () => {
    const { line, open } = speaking()
    line.on('status', ({ status }) => void (status === 'open' && line.topic('chat')))
    expect(told(await open())).toEqual([{ type: 'subscribe', id: 1, topic: 'chat' }])
  })

  test('that is had again is not ended, nor told who is there, by what was said to the one before', async () => {
    const { line, open } = speaking()
    const first = line.topic('chat')
    const socket = await open()
    socket.receive('{"type":"subscribed","id":1,"topic":"chat"}')
    first.leave()
    const again = line.topic('chat', { presence: true })
    const events: unknown[] = []
    again.on('ended', event => events.push(event))
    again.on('presence', event => events.push(event))
    again.on('publication', ({ data }) => events.push(data))
    socket.receive('{"type":"presence","topic":"chat","count":7}')
    socket.receive('{"type":"unsubscribed","topic":"chat","code":"denied","reason":"go"}')
    const { id } = told(socket).at(-1) as { id: number }
    socket.receive(JSON.stringify({ type: 'subscribed', id, topic: 'chat' }))
    socket.receive('{"type":"publication","topic":"chat","data":1}')
    expect(events).toEqual([1])
  })

  test('with history gives no publication twice, whatever the server says, and resumes behind the last', async () => {
    const { line, clock, open } = speaking()
    const got: unknown[] = []
    line.topic('chat').on('publication', ({ offset }) => got.push(offset))
    const socket = await open()
    socket.receive('{"type":"subscribed","id":1,"topic":"chat","epoch":"e","offset":4}')
    for (const offset of [5, 6, 6, 2, 7, 5])
      socket.receive(JSON.stringify({ type: 'publication', topic: 'chat', offset, data: offset }))
    expect(got).toEqual([5, 6, 7])
    socket.end(1006)
    await clock.advance(1_000)
    expect(told(await open())).toEqual([expect.objectContaining({ since: { epoch: 'e', offset: 7 } })])
  })
})

describe('a message', () => {
  test('that is sent while the connection closes goes over the next one', async () => {
    const { line, clock, socket } = fakeLine()
    const first = (await socket()).open()
    first.readyState = 2
    const sent = line.send('hello')
    first.end(1012)
    await clock.advance(1_000)
    const second = (await socket()).open()
    await sent
    expect([first.sent, second.sent]).toEqual([[], ['hello']])
  })

  test('without a byte does not wait for ever beside others without one', async () => {
    const { line, socket } = fakeLine({ maxUnread: 1_000 })
    const one = (await socket()).open()
    for (let count = 0; count < 10_000; count++) one.receive('')
    expect(line.dropped).toBeGreaterThan(9_000)
  })
})

describe('a token', () => {
  test('that is null, as storage has it for who is signed out, is none', async () => {
    const token = (): string => null as unknown as string
    const { socket } = speaking({ token })
    expect((await socket()).protocols).toEqual(['hotline.1'])
  })
})

describe('a deadline', () => {
  afterEach(() => void vi.useRealTimers())

  test.each([Infinity, 2 ** 31, 1e12])('of %s ms is not over at once', async timeout => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { line, open } = speaking({ clock: systemClock })
    await open()
    const ended = vi.fn()
    line.request('add', 1, { timeout }).catch(ended)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ended).not.toHaveBeenCalled()
    line.close()
  })

  test('is told to the server in whole milliseconds, as it takes them', async () => {
    const { line, open } = speaking()
    const socket = await open()
    for (const timeout of [0.5, 1_500.2, -3, Infinity, 0]) line.request('add', 1, { timeout })
    expect(told(socket).map(one => (one as { timeout?: number }).timeout)).toEqual([
      1,
      1_501,
      1,
      2 ** 31 - 1,
      undefined,
    ])
    line.close()
  })
})
