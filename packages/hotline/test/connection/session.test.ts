import { describe, expect, test } from 'vitest'
import { ClosedError } from '../../src/errors.ts'
import { gate, line, settle, watch } from './support.ts'

describe('a handler that fails', () => {
  const failures = {
    'throws at once': () => {
      throw new Error('no')
    },
    rejects: async () => {
      throw new Error('no')
    },
    'rejects later': async () => {
      await settle()
      throw new Error('no')
    },
    'throws what is no error': () => {
      throw 'no'
    },
  }
  test.each(Object.entries(failures))('and %s closes its own line with 1011, told once', async (_name, handler) => {
    const { session, socket, peer, reported, clock } = line()
    let calls = 0
    session.deliverTo(() => {
      calls++
      return handler()
    }, undefined)
    peer.text('a', 'b', 'c')
    await settle()
    peer.text('d')
    await settle()
    await settle()
    expect(calls).toBe(1)
    expect(reported).toHaveLength(1)
    expect(peer.told.map(([name]) => name)).toEqual(['close'])
    expect(peer.told[0]?.[1]).toMatch(/^03 f3 /)
    peer.close(1011)
    peer.wire.end()
    expect(await socket.closed).toMatchObject({ clean: true, sent: { code: 1011, reason: 'the handler failed' } })
    expect(clock.pending).toBe(0)
  })

  test('closes its line at once, however much waits for it', async () => {
    const { session, socket, peer, reported, clock } = line({ highMark: 100 })
    const working = gate()
    session.deliverTo(() => working.promise, undefined)
    peer.text(...Array.from({ length: 50 }, () => 'a message of some length'))
    await settle()
    working.fail(new Error('no'))
    await settle()
    peer.close(1011)
    peer.wire.end()
    await settle()
    expect(socket.state).toBe('closed')
    expect([reported.length, clock.now()]).toEqual([1, 0])
  })

  test('because its line was closed while it worked is not told: that is nobody’s fault', async () => {
    const { session, socket, peer, reported } = line()
    session.deliverTo(async () => {
      await settle()
      await socket.send('answer')
    }, undefined)
    peer.text('question')
    peer.close(1001)
    peer.wire.end()
    await socket.closed
    for (let round = 0; round < 5; round++) await settle()
    expect(reported).toEqual([])
  })

  test('with a ClosedError of another line is told, since its own line is open', async () => {
    const { session, peer, reported } = line()
    const error = new ClosedError(1001, '')
    session.deliverTo(() => Promise.reject(error), undefined)
    peer.text('a')
    await settle()
    expect(reported).toEqual([error])
  })

  test('closes its line even when whoever is told fails too', async () => {
    const { session, peer, reported } = line()
    reported.push = () => {
      throw new Error('the report failed')
    }
    session.deliverTo(() => {
      throw new Error('no')
    }, undefined)
    expect(() => session.handlerFailed(new Error('no'))).toThrow('the report failed')
    await settle()
    expect(peer.told.map(([name]) => name)).toEqual(['close'])
  })
})

describe('messages by for await', () => {
  test('come in order, and the loop ends with the line', async () => {
    const { socket, peer } = line()
    const seen: unknown[] = []
    const loop = (async () => {
      for await (const message of socket) {
        await settle()
        seen.push(message)
      }
    })()
    peer.text('a', 'b')
    await settle()
    peer.text('c')
    peer.close(1000)
    peer.wire.end()
    await loop
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  test('that came before the loop began wait for it, and slow the peer down', async () => {
    const { session, socket, peer } = line({ highMark: 1000, capacity: 1000 })
    const all = Array.from({ length: 200 }, (_, number) => `${number}`.padEnd(50))
    for (const text of all) peer.text(text)
    await settle()
    expect(session.connection.paused).toBe(true)
    expect(peer.wire.queued).toBeGreaterThan(5000)
    peer.close(1000)
    peer.wire.end()
    const seen: unknown[] = []
    for await (const message of socket) seen.push(message)
    expect(seen).toEqual(all)
  })

  test('go on where the last loop stopped', async () => {
    const { socket, peer } = line()
    peer.text('a', 'b', 'c')
    await settle()
    const seen: unknown[] = []
    for await (const message of socket) {
      seen.push(message)
      break
    }
    for await (const message of socket) {
      seen.push(message)
      if (message === 'c') break
    }
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(socket.state).toBe('open')
  })

  test('are shared out in order when several wait for them', async () => {
    const { socket, peer } = line()
    const reads = Array.from({ length: 3 }, () => watch(socket[Symbol.asyncIterator]().next()))
    peer.text('a', 'b')
    await settle()
    expect(reads.map(({ value }) => value?.value)).toEqual(['a', 'b', undefined])
    peer.wire.cut()
    await settle()
    expect(reads[2]?.value).toEqual({ done: true, value: undefined })
  })

  test('end after the last message when the line was lost', async () => {
    const { socket, peer } = line()
    peer.text('a')
    await settle()
    peer.wire.cut()
    await settle()
    const iterator = socket[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: 'a' })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('cannot be read when a handler takes them', () => {
    const { session, socket } = line()
    session.deliverTo(() => {}, undefined)
    expect(() => socket[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })

  test('belong to the reader: the next chunk does not change them', async () => {
    const { socket, peer } = line()
    const iterator = socket[Symbol.asyncIterator]()
    peer.send('82 02 01 02')
    const { value: first } = await iterator.next()
    peer.send('82 02 03 04')
    await iterator.next()
    expect(first).toEqual(new Uint8Array([1, 2]))
    expect((first as Uint8Array).buffer.byteLength).toBe(2)
  })
})

describe('whenIdle()', () => {
  test('waits for a message handler, and for what waits for it', async () => {
    const { session, peer } = line()
    const working = gate()
    session.deliverTo(() => working.promise, undefined)
    peer.text('a', 'b')
    await settle()
    const idle = watch(session.whenIdle())
    await settle()
    expect(idle.state).toBe('pending')
    working.open()
    await settle()
    expect(idle.state).toBe('fulfilled')
  })

  test('waits for a function until it asks for the next message', async () => {
    const { session, socket, peer } = line()
    const working = gate()
    session.running(
      (async () => {
        for await (const _message of socket) await working.promise
      })(),
    )
    await settle()
    expect(watch(session.whenIdle())).toBeDefined()
    peer.text('a')
    await settle()
    const idle = watch(session.whenIdle())
    await settle()
    expect(idle.state).toBe('pending')
    working.open()
    await settle()
    expect(idle.state).toBe('fulfilled')
  })

  test('waits for a function that reads nothing until it returns', async () => {
    const { session } = line()
    const working = gate()
    session.running(working.promise)
    const idle = watch(session.whenIdle())
    await settle()
    expect(idle.state).toBe('pending')
    working.open()
    await settle()
    expect(idle.state).toBe('fulfilled')
    expect(watch(session.whenIdle())).toBeDefined()
  })
})
