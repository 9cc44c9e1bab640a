import { describe, expect, test } from 'vitest'
import { Prepared } from '../../src/connection/prepared.ts'
import { ClosedError, UsageError } from '../../src/errors.ts'
import { portableCodec } from '../../src/protocol/text.ts'
import { gate, line, settle, watch } from './support.ts'

/** Parts that come when the test says so. */
function slowParts<T>() {
  const gates: ReturnType<typeof gate<IteratorResult<T, undefined>>>[] = []
  const at = (index: number) => (gates[index] ??= gate<IteratorResult<T, undefined>>())
  let asked = 0
  let given = 0
  let returned = false
  const parts: AsyncIterable<T> = {
    [Symbol.asyncIterator]: () => ({
      next: () => at(asked++).promise,
      return: async () => {
        returned = true
        return { done: true, value: undefined }
      },
    }),
  }
  const next = async (act: (it: ReturnType<typeof at>) => void): Promise<void> => {
    act(at(given++))
    await settle()
  }
  return {
    parts,
    give: (value: T) => next(({ open }) => open({ done: false, value })),
    end: () => next(({ open }) => open({ done: true, value: undefined })),
    fail: (error: Error) => next(({ fail }) => fail(error)),
    get returned() {
      return returned
    },
  }
}

describe('what is sent', () => {
  test.each([
    ['a string', 'é', ['text', 'é']],
    ['an empty string', '', ['text', '']],
    ['a Uint8Array', new Uint8Array([1, 2]), ['binary', '01 02']],
    ['a Buffer, which is a part of a larger one', Buffer.from([9, 1, 2, 9]).subarray(1, 3), ['binary', '01 02']],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer, ['binary', '01 02']],
    ['a DataView of a part', new DataView(new Uint8Array([9, 1, 2, 9]).buffer, 1, 2), ['binary', '01 02']],
    ['a Uint16Array', new Uint16Array(new Uint8Array([1, 2]).buffer), ['binary', '01 02']],
    ['a Blob', new Blob(['\x01', '\x02']), ['binary', '01 02']],
    ['an empty Blob', new Blob([]), ['binary', '']],
    ['a list of texts', ['a', '', 'é'], ['text', 'aé']],
    ['a generator of bytes', [new Uint8Array([1]), new Uint8Array([2])].values(), ['binary', '01 02']],
    ['one part', ['alone'], ['text', 'alone']],
    ['a prepared message', new Prepared('news', portableCodec), ['text', 'news']],
  ] as const)('as %s arrives as one message', async (_name, data, told) => {
    const { socket, peer } = line()
    await socket.send(data as never)
    await settle()
    const [first] = peer.told
    expect(first).toEqual(told)
    expect(peer.told).toHaveLength(1)
    expect(socket.bufferedAmount).toBe(0)
  })

  const refused = [
    ['a number', 5],
    ['undefined', undefined],
    ['null', null],
    ['an object', { length: 3 }],
    ['a function', () => 'x'],
    ['true', true],
    ['a bigint', 5n],
    ['a symbol', Symbol('x')],
    ['a SharedArrayBuffer', new SharedArrayBuffer(4)],
    ['a view of shared memory', new Uint8Array(new SharedArrayBuffer(4))],
    ['a DataView of shared memory', new DataView(new SharedArrayBuffer(4))],
  ] as const
  test.each(refused)('as %s is refused with a UsageError, and nothing leaves', async (_name, data) => {
    const { socket, peer } = line()
    expect(() => socket.send(data as never)).toThrow(UsageError)
    await settle()
    expect(peer.told).toEqual([])
    expect(socket.state).toBe('open')
  })

  test.each(refused)('as a part that is %s is refused, and nothing of it leaves', async (_name, part) => {
    const { socket, peer } = line()
    await expect(socket.send([part] as never)).rejects.toThrow(UsageError)
    await socket.send('next')
    await settle()
    expect(peer.texts).toEqual(['next'])
    const broken = watch(socket.send(['first', 'second', part] as never))
    await settle()
    expect(broken.error).toBeInstanceOf(UsageError)
    expect(peer.told.at(-1)?.[0]).toBe('close')
  })

  test('may be changed when send() has returned', async () => {
    const { socket, peer } = line()
    const bytes = new Uint8Array([1, 2])
    const { parts, end } = slowParts<string>()
    socket.send(bytes)
    bytes.fill(7)
    socket.send(parts)
    socket.send(bytes)
    bytes.fill(9)
    await end()
    expect(peer.told).toEqual([
      ['binary', '01 02'],
      ['binary', '07 07'],
    ])
  })
})

describe('parts', () => {
  test('leave as fragments of one message when they come, the last one marked. RFC 6455 §5.4', async () => {
    const { socket, near } = line()
    const written: string[] = []
    const write = near.write.bind(near)
    near.write = bytes => {
      for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes)
        written.push(Buffer.from(piece).toString('hex'))
      return write(bytes)
    }
    const { parts, give, end } = slowParts<string>()
    const sent = watch(socket.send(parts))
    await give('a')
    expect(written).toEqual([])
    await give('b')
    await give('c')
    expect(written).toEqual(['010161', '000162'])
    expect(sent.state).toBe('pending')
    await end()
    expect(written).toEqual(['010161', '000162', '800163'])
    expect(sent.state).toBe('fulfilled')
  })

  test('everything that is sent behind them waits, and then leaves in its order', async () => {
    const { socket, peer } = line()
    const { parts, give, end } = slowParts<Uint8Array>()
    socket.send('before')
    socket.send(parts)
    socket.send('text')
    socket.send(new Blob(['\x05']))
    socket.send(['an', 'other'])
    socket.send(new Prepared('news', portableCodec))
    const last = watch(socket.send(new Uint8Array([6])))
    await give(new Uint8Array([1]))
    await give(new Uint8Array([2]))
    expect(peer.told).toEqual([['text', 'before']])
    expect(last.state).toBe('pending')
    await end()
    await new Promise(setImmediate)
    await settle()
    expect(peer.told).toEqual([
      ['text', 'before'],
      ['binary', '01 02'],
      ['text', 'text'],
      ['binary', '05'],
      ['text', 'another'],
      ['text', 'news'],
      ['binary', '06'],
    ])
    expect(last.state).toBe('fulfilled')
    expect(socket.bufferedAmount).toBe(0)
  })

  test('let pings and pongs pass between them', async () => {
    const { socket, peer } = line()
    const { parts, give, end } = slowParts<string>()
    socket.send(parts)
    await give('a')
    await give('b')
    socket.ping()
    peer.send('89 01 07')
    await settle()
    expect(peer.told.map(([name]) => name)).toEqual(['ping', 'pong'])
    await end()
    expect(peer.texts).toEqual(['ab'])
  })

  test('wait for a peer that reads slowly, like every message', async () => {
    const { socket, peer } = line({ capacity: 1, highMark: 1000 })
    peer.wire.pause()
    let made = 0
    const sent = watch(
      socket.send(
        (function* () {
          for (; made < 100; made++) yield 'x'.repeat(500)
        })(),
      ),
    )
    await settle()
    expect(made).toBeLessThan(7)
    peer.wire.resume()
    for (let round = 0; round < 20; round++) await settle()
    expect(sent.state).toBe('fulfilled')
    expect(peer.texts).toEqual(['x'.repeat(50_000)])
  })

  test('that break off before the first has left harm nobody', async () => {
    const { socket, peer } = line()
    const { parts, give, fail } = slowParts<string>()
    const sent = watch(socket.send(parts))
    await give('never sent')
    await fail(new Error('the source failed'))
    expect(sent.error).toEqual(new Error('the source failed'))
    await socket.send('next')
    await settle()
    expect(peer.told).toEqual([['text', 'next']])
  })

  test('that break off in the middle close the line with 1011, since the message cannot be ended', async () => {
    const { socket, peer } = line()
    const { parts, give, fail } = slowParts<string>()
    const sent = watch(socket.send(parts))
    await give('a')
    await give('b')
    await fail(new Error('the source failed'))
    expect(sent.error).toEqual(new Error('the source failed'))
    await expect(socket.send('next')).rejects.toThrow(ClosedError)
    expect(peer.told.map(([name]) => name)).toEqual(['close'])
    expect(peer.told[0]?.[1]).toMatch(/^03 f3 /)
  })

  test('of text and bytes in one message are refused', async () => {
    const { socket } = line()
    await expect(socket.send(['a', new Uint8Array([1])])).rejects.toThrow(UsageError)
    expect(socket.state).toBe('open')
    await expect(socket.send([new Uint8Array([1]), new Uint8Array([1]), 'a'])).rejects.toThrow(UsageError)
    expect(socket.state).toBe('closing')
  })

  test('may lie in memory that their source uses again', async () => {
    const { socket, peer } = line()
    const bytes = new Uint8Array(1)
    await socket.send(
      (function* () {
        for (bytes[0] = 1; bytes[0] < 4; bytes[0]++) yield bytes
      })(),
    )
    await settle()
    expect(peer.told).toEqual([['binary', '01 02 03']])
  })

  test('are let go when the line closes while they come', async () => {
    const { socket, peer } = line()
    const it = slowParts<string>()
    const sent = watch(socket.send(it.parts))
    await it.give('a')
    await it.give('b')
    peer.close(1000)
    await settle()
    await it.give('c')
    expect(sent.error).toBeInstanceOf(ClosedError)
    expect(it.returned).toBe(true)
  })

  test.each([
    [['\ud83d', '\ude00!'], '😀!'],
    [['a\ud83d', '\ude00\ud83d', '\ude00'], 'a😀😀'],
    [['a\ud83d', '', '\ude00'], 'a😀'],
    [['a\ud83d', 'b'], 'a\ufffdb'],
    [['a\ud83d'], 'a\ufffd'],
  ])('keep a character whole that lies across two of them: %j', async (parts, text) => {
    const { socket, peer } = line()
    await socket.send(parts)
    await settle()
    expect(peer.texts).toEqual([text])
  })
})

describe('close() behind what is still read', () => {
  test('is sent when all before has left, and lets nothing be sent behind it', async () => {
    const { socket, peer } = line()
    const { parts, give, end } = slowParts<string>()
    socket.send(parts)
    socket.send('behind')
    await give('a')
    socket.close(4000)
    expect(socket.state).toBe('closing')
    await expect(socket.send('late')).rejects.toThrow(ClosedError)
    await end()
    await settle()
    expect(peer.told).toEqual([
      ['text', 'a'],
      ['text', 'behind'],
      ['close', '0f a0'],
    ])
  })

  test('does not wait longer than closeTimeout', async () => {
    const { socket, clock } = line({ closeTimeout: 500 })
    const { parts } = slowParts<string>()
    const sent = watch(socket.send(parts))
    socket.close(4000)
    await clock.advance(500)
    expect(await socket.closed).toMatchObject({ code: 1006, error: { code: 'ERR_TIMEOUT' } })
    expect(sent.state).toBe('pending')
    expect(clock.pending).toBe(0)
  })
})

describe('bufferedAmount', () => {
  test('counts what waits for its turn in bytes', async () => {
    const { socket } = line()
    const { parts, end } = slowParts<string>()
    socket.send(parts)
    socket.send('€')
    socket.send(new Uint8Array(10))
    socket.send(new Blob(['four']))
    socket.send(new Prepared('€', portableCodec))
    expect(socket.bufferedAmount).toBe(20)
    await end()
    await new Promise(setImmediate)
    await settle()
    expect(socket.bufferedAmount).toBe(0)
  })
})

describe('an AbortSignal', () => {
  test('that is aborted already keeps the message from being sent', async () => {
    const { socket, peer } = line()
    const cause = new Error('enough')
    await expect(socket.send('x', { signal: AbortSignal.abort(cause) })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
      cause,
    })
    await settle()
    expect(peer.told).toEqual([])
  })

  test('ends the wait for a slow peer; what is on its way is still sent', async () => {
    const { socket, peer } = line({ capacity: 1, highMark: 100 })
    peer.wire.pause()
    socket.send('x')
    await settle()
    const controller = new AbortController()
    const sent = watch(socket.send('x'.repeat(200), { signal: controller.signal }))
    await settle()
    expect(sent.state).toBe('pending')
    controller.abort()
    await settle()
    expect(sent.error).toMatchObject({ code: 'ERR_ABORTED' })
    peer.wire.resume()
    await settle()
    expect(peer.texts).toEqual(['x', 'x'.repeat(200)])
  })

  test('that is never aborted changes nothing, and is left alone in the end', async () => {
    const { socket, peer } = line()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = ((...parameters: Parameters<typeof add>) => {
      listeners++
      add(...parameters)
    }) as typeof add
    signal.removeEventListener = ((...parameters: Parameters<typeof remove>) => {
      listeners--
      remove(...parameters)
    }) as typeof remove
    await socket.send('x', { signal })
    expect(() => socket.send(5 as never, { signal })).toThrow(UsageError)
    socket.close()
    await expect(socket.send('y', { signal })).rejects.toThrow(ClosedError)
    await settle()
    expect(listeners).toBe(0)
    expect(peer.texts).toEqual(['x'])
  })
})
