import { describe, expect, test } from 'vitest'
import { ProtocolError, TimeoutError, UsageError, WebSocketError } from '../../src/errors.ts'
import type { Role } from '../../src/protocol/opcode.ts'
import { FakeClock } from '../../src/runtime/memory/clock.ts'
import { memoryRuntime } from '../../src/runtime/memory/sockets.ts'
import { transportPair } from '../../src/runtime/memory/transport.ts'
import { gate, line, settle, socketOver, watch } from './support.ts'

const roles: readonly Role[] = ['client', 'server']

describe.each(roles)('a %s', role => {
  test('closes cleanly when it closes first, with the code and reason of the answer', async () => {
    const { socket, peer, clock } = line({ role })
    const closed = watch(socket.close(4000, 'done'))
    expect(socket.state).toBe('closing')
    await settle()
    expect(peer.told).toEqual([['close', '0f a0 64 6f 6e 65']])
    expect(closed.state).toBe('pending')
    peer.close(4001, 'too')
    peer.wire.end()
    await settle()
    expect(closed.value).toEqual({
      code: 4001,
      reason: 'too',
      clean: true,
      sent: { code: 4000, reason: 'done' },
      received: { code: 4001, reason: 'too' },
    })
    expect(socket.state).toBe('closed')
    expect(clock.pending).toBe(0)
  })

  test('closes cleanly when the peer closes first, and answers with the same', async () => {
    const { socket, peer, clock } = line({ role })
    peer.close(4000, 'done')
    await settle()
    expect(peer.told).toEqual([['close', '0f a0 64 6f 6e 65']])
    peer.wire.end()
    await settle()
    const same = { code: 4000, reason: 'done' }
    expect(await socket.closed).toEqual({ ...same, clean: true, sent: same, received: same })
    expect(clock.pending).toBe(0)
  })

  test('closes cleanly when both close at the same time', async () => {
    const { socket, peer } = line({ role })
    peer.close(1001)
    socket.close(4000)
    await settle()
    peer.wire.end()
    expect(await socket.closed).toMatchObject({ code: 1001, clean: true, sent: { code: 4000 } })
    expect(peer.told.map(([name]) => name)).toEqual(['close'])
  })

  test('answers a close frame without a body by one without a body, and reports 1005', async () => {
    const { socket, peer } = line({ role })
    peer.send('88 00')
    await settle()
    expect(peer.told).toEqual([['close', '']])
    peer.wire.end()
    expect(await socket.closed).toMatchObject({ code: 1005, reason: '', clean: true })
  })

  test('sends all that was sent before its close frame, and then nothing', async () => {
    const { socket, peer } = line({ role, capacity: 10, maxMessage: 1 << 24 })
    for (let sent = 0; sent < 100; sent++) socket.send(`${sent}`.repeat(100))
    socket.close()
    await settle()
    expect(peer.told).toHaveLength(101)
    expect(peer.told.at(-1)).toEqual(['close', '03 e8'])
  })

  test('delivers all that came before the close frame of the peer, and calls back after the last', async () => {
    const { session, peer } = line({ role, highMark: 100 })
    const seen: unknown[] = []
    session.deliverTo(async message => {
      await settle()
      seen.push(message)
    }, undefined)
    session.afterLast(({ code }) => seen.push(code))
    peer.text(...Array.from({ length: 50 }, (_, number) => `${number}`))
    peer.close(1000)
    peer.wire.end()
    for (let round = 0; round < 60; round++) await settle()
    expect(seen).toEqual([...Array.from({ length: 50 }, (_, number) => `${number}`), 1000])
  })

  test('does not wait for a handler to learn that the peer has answered its close', async () => {
    const { socket, session, peer, clock, reported } = line({ role, highMark: 100 })
    const working = gate()
    session.deliverTo(() => working.promise, undefined)
    peer.text(...Array.from({ length: 50 }, () => 'a message of some size'))
    await settle()
    expect(session.connection.paused).toBe(true)
    const closed = watch(socket.close())
    await settle()
    peer.close(1000)
    peer.wire.end()
    await settle()
    expect(closed.value).toMatchObject({ code: 1000, clean: true })
    expect([clock.now(), clock.pending]).toEqual([0, 0])
    working.open()
    await settle()
    expect(reported).toEqual([])
  })

  test('reports 1006 when the peer ends the line without a close frame', async () => {
    const { socket, peer, clock } = line({ role })
    const ping = watch(socket.ping())
    peer.wire.end()
    await settle()
    const { error, ...closed } = await socket.closed
    expect(closed).toEqual({ code: 1006, reason: '', clean: false })
    expect(error).toBeInstanceOf(WebSocketError)
    expect(error).toMatchObject({
      code: 'ERR_CONNECTION',
      message: 'the peer ended the connection without a closing handshake',
    })
    expect(ping.error).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006, cause: error })
    expect(peer.ended_).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test('reports 1006 when the peer ends the line in the middle of a message', async () => {
    const { socket, session, peer } = line({ role })
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    peer.send('81 01 41 | 01 02 42')
    peer.wire.end()
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false })
    expect(seen).toEqual(['A'])
  })

  test('reports 1006 and the cause when the line is reset', async () => {
    const { socket, peer, clock } = line({ role })
    const cause = new Error('read ECONNRESET')
    peer.wire.cut(cause)
    expect(await socket.closed).toMatchObject({
      code: 1006,
      clean: false,
      error: { code: 'ERR_CONNECTION', message: 'read ECONNRESET', cause },
    })
    expect(clock.pending).toBe(0)
  })

  test('cuts the wire on terminate(), without a close frame, and delivers nothing more', async () => {
    const { socket, session, peer, clock } = line({ role })
    const seen: unknown[] = []
    session.deliverTo(message => {
      seen.push(message)
      socket.terminate()
    }, undefined)
    peer.text('one', 'two')
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false, error: { code: 'ERR_CONNECTION' } })
    socket.terminate()
    await settle()
    expect(seen).toEqual(['one'])
    expect(peer.told).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('reads nothing more after terminate(), although a handler that kept reading paused returns', async () => {
    const { socket, session, peer } = line({ role, highMark: 100 })
    const working = gate()
    let seen = 0
    session.deliverTo(() => {
      seen++
      return working.promise
    }, undefined)
    peer.text(...Array.from({ length: 50 }, () => 'a message of some size'))
    await settle()
    socket.terminate()
    working.open()
    for (let round = 0; round < 5; round++) await settle()
    expect(seen).toBeLessThan(5)
  })

  test('cuts the wire when its close is not answered within closeTimeout', async () => {
    const { socket, clock } = line({ role, closeTimeout: 300, heartbeat: false })
    const closed = watch(socket.close(4000))
    await clock.advance(299)
    expect(closed.state).toBe('pending')
    await clock.advance(1)
    expect(closed.value).toMatchObject({ code: 1006, clean: false, sent: { code: 4000 } })
    expect(closed.value?.error).toBeInstanceOf(TimeoutError)
    expect(closed.value?.error).toMatchObject({ limit: { option: 'closeTimeout', value: 300 } })
    expect(clock.pending).toBe(0)
  })

  test('is clean but cuts the wire when the peer answers and then does not end', async () => {
    const { socket, peer, clock } = line({ role, closeTimeout: 300 })
    socket.close(1000)
    await settle()
    peer.close(1000)
    await clock.advance(300)
    const { clean, error } = await socket.closed
    expect([clean, error]).toEqual([true, undefined])
    expect(clock.pending).toBe(0)
  })

  test('counts what it sends late against closeTimeout too', async () => {
    const { socket, peer, clock } = line({ role, closeTimeout: 300, capacity: 1, heartbeat: false })
    peer.wire.pause()
    for (let sent = 0; sent < 3; sent++) socket.send('never read')
    socket.close()
    await clock.advance(300)
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false })
  })

  test('ends its side at once when the peer has ended and reads what is left', async () => {
    const { socket, peer, clock } = line({ role, capacity: 1 })
    peer.wire.pause()
    for (const text of ['a', 'b', 'c']) {
      socket.send(text)
      await settle()
    }
    peer.wire.end()
    await settle()
    peer.wire.resume()
    await settle()
    expect(await socket.closed).toMatchObject({ code: 1006 })
    expect(clock.now()).toBe(0)
  })

  test('fails a peer that breaks the standard: the code, the reason, and one error', async () => {
    const { socket, session, peer, clock } = line({ role })
    const seen: unknown[] = []
    session.deliverTo(message => seen.push(message), undefined)
    peer.send('81 01 41 | 83 00 | 81 01 42')
    await settle()
    expect(peer.told).toEqual([
      ['close', `03 ea ${Buffer.from('opcode 3 is reserved').toString('hex').match(/../g)?.join(' ')}`],
    ])
    expect(peer.ended_).toBe(true)
    peer.text('later')
    peer.wire.end()
    const { error, ...closed } = await socket.closed
    const sent = { code: 1002, reason: 'opcode 3 is reserved' }
    expect(closed).toEqual({ ...sent, clean: false, sent })
    expect(error).toBeInstanceOf(ProtocolError)
    expect(seen).toEqual(['A'])
    expect(clock.pending).toBe(0)
  })

  test('tells its signal when the closing begins, whoever began', async () => {
    const ends = [
      (it: ReturnType<typeof line>) => void it.socket.close(),
      (it: ReturnType<typeof line>) => it.peer.close(1000),
      (it: ReturnType<typeof line>) => it.peer.wire.cut(),
      (it: ReturnType<typeof line>) => it.peer.wire.end(),
      (it: ReturnType<typeof line>) => it.socket.terminate(),
    ]
    for (const end of ends) {
      const it = line({ role })
      const { signal } = it.socket
      expect(signal.aborted).toBe(false)
      end(it)
      await settle()
      expect(signal.aborted).toBe(true)
      expect(signal.reason).toMatchObject({ code: 'ERR_CLOSED' })
      expect(it.socket.signal).toBe(signal)
      const late = line({ role })
      end(late)
      await settle()
      expect(late.socket.signal.aborted).toBe(true)
    }
  })
})

test('a server ends the wire first; a client leaves that to the server. RFC 6455 §7.1.1', async () => {
  const server = line({ role: 'server' })
  server.peer.close(1000)
  await settle()
  expect(server.peer.ended_).toBe(true)

  const client = line({ role: 'client' })
  client.peer.close(1000)
  await settle()
  expect(client.peer.ended_).toBe(false)
  client.peer.wire.end()
  await settle()
  expect(client.peer.ended_).toBe(true)
})

test('close() refuses by name what a close frame cannot say, and leaves the line open', async () => {
  const { socket } = line()
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN]) {
    expect(() => socket.close(code)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', option: 'code' }))
  }
  expect(() => socket.close(1000, 'é'.repeat(62))).toThrow(UsageError)
  expect(socket.state).toBe('open')
  socket.close(1000, 'é'.repeat(61))
  expect(socket.state).toBe('closing')
})

test('close() again changes nothing and gives the same end', async () => {
  const { socket, peer } = line()
  const first = socket.close(4000, 'first')
  expect(socket.close(4001, 'second')).toBe(first)
  await settle()
  peer.close(4000)
  peer.wire.end()
  expect(await first).toMatchObject({ sent: { code: 4000, reason: 'first' } })
  expect(await socket.close()).toBe(await first)
  expect(peer.told).toHaveLength(1)
})

test('a socket that goes out of scope with `await using` closes with 1000', async () => {
  const { socket, peer } = line()
  const used = (async () => {
    await using disposed = socket
    return disposed.state
  })()
  await settle()
  expect(peer.told).toEqual([['close', '03 e8']])
  peer.close(1000)
  peer.wire.end()
  expect(await used).toBe('open')
  expect(socket.state).toBe('closed')
})

test('a hundred lines that end in every way leave no timer behind', async () => {
  const clock = new FakeClock()
  const runtime = memoryRuntime(clock)
  for (let count = 0; count < 100; count++) {
    const [near, far] = transportPair({ capacity: 100 })
    const limits = { idleTimeout: 60_000, closeTimeout: 700 }
    const { socket } = socketOver(near, { runtime, limits, role: count % 2 === 0 ? 'server' : 'client' })
    const other = socketOver(far, { runtime, limits, role: count % 2 === 0 ? 'client' : 'server' })
    other.socket.ping()
    socket.send('x'.repeat(1000))
    if (count % 3 === 0) far.pause()
    if (count % 5 === 0) socket.close()
    if (count % 5 === 1) other.socket.close(4000)
    if (count % 5 === 2) socket.terminate()
    if (count % 5 === 3) near.end()
    if (count % 5 === 4) near.cut(new Error('reset'))
  }
  expect(clock.pending).toBeGreaterThan(200)
  await clock.advance(130_000)
  expect(clock.pending).toBe(0)
})
