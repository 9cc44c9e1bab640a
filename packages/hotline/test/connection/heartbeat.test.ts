import { describe, expect, test } from 'vitest'
import { TimeoutError } from '../../src/errors.ts'
import { socketPair } from '../../src/testing/index.ts'
import { gate, line, settle, watch } from './support.ts'

const heartbeat = { interval: 25_000, timeout: 20_000 }

describe('the heartbeat', () => {
  test('pings a peer that says nothing for an interval, and again after each', async () => {
    const { clock, peer, socket } = line({ heartbeat })
    await clock.advance(24_999)
    expect(peer.told).toEqual([])
    await clock.advance(1)
    expect(peer.told).toEqual([['ping', '00 00 00 01']])
    peer.send('8a 04 00 00 00 01')
    await clock.advance(20_000)
    expect(socket.state).toBe('open')
    await clock.advance(25_000)
    expect(peer.told.at(-1)).toEqual(['ping', '00 00 00 02'])
  })

  test('gives a peer up that does not answer within the timeout', async () => {
    const { clock, socket } = line({ heartbeat })
    await clock.advance(44_999)
    expect(socket.state).toBe('open')
    await clock.advance(1)
    const { code, clean, error } = await socket.closed
    expect([code, clean]).toEqual([1006, false])
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', limit: { option: 'heartbeat.timeout', value: 20_000 } })
    expect(clock.pending).toBe(0)
  })

  const signs = {
    'a pong': '8a 04 00 00 00 01',
    'a pong that nobody asked for': '8a 00',
    'a message': '81 01 41',
    'half a frame': '81 05 41',
  }
  test.each(Object.entries(signs))('takes %s as a sign of life', async (_name, frames) => {
    const { clock, peer, socket } = line({ heartbeat })
    await clock.advance(44_000)
    peer.send(frames)
    await clock.advance(1000)
    expect(socket.state).toBe('open')
  })

  test('does not ping a peer that speaks within every interval', async () => {
    const { clock, peer, session } = line({ heartbeat })
    session.deliverTo(() => {}, undefined)
    for (let count = 0; count < 10; count++) {
      await clock.advance(20_000)
      peer.text('here')
    }
    expect(peer.told).toEqual([])
  })

  test('does not give a peer up while our own handler keeps reading paused', async () => {
    const { clock, peer, session, socket } = line({ heartbeat, highMark: 100 })
    const working = gate()
    session.deliverTo(() => working.promise, undefined)
    peer.text(...Array.from({ length: 10 }, () => 'a message of some length'))
    await clock.advance(500_000)
    expect(session.connection.paused).toBe(true)
    expect(socket.state).toBe('open')
    expect(peer.told.length).toBeGreaterThan(10)
    working.open()
    await clock.advance(20_000)
    expect(socket.state).toBe('open')
    await clock.advance(45_000)
    expect(socket.state).toBe('closed')
  })

  test('gives a peer its time again when reading goes on, however late', async () => {
    const { clock, session, socket } = line({ heartbeat })
    await clock.advance(25_000)
    session.connection.pauseReading()
    await clock.advance(19_999)
    session.connection.resumeReading()
    await clock.advance(1)
    expect(socket.state).toBe('open')
    await clock.advance(45_000)
    expect(socket.state).toBe('closed')
  })

  test('is off when the option says false', async () => {
    const { clock, peer, socket } = line({ heartbeat: false })
    expect(clock.pending).toBe(0)
    await clock.advance(10_000_000)
    expect(socket.state).toBe('open')
    expect(peer.told).toEqual([])
  })

  test('keeps two ends of hotline open, and measures the way there and back', async () => {
    const { client, server, clock } = socketPair()
    await clock.advance(1_000_000)
    expect([client.state, server.state]).toEqual(['open', 'open'])
    expect(client.roundTripTime).toBe(0)
  })
})

describe('ping()', () => {
  test('gives the milliseconds until the pong', async () => {
    const { clock, peer, socket } = line()
    expect(socket.roundTripTime).toBeUndefined()
    const time = watch(socket.ping())
    await clock.advance(40)
    expect(time.state).toBe('pending')
    peer.send('8a 04 00 00 00 01')
    await settle()
    expect(time.value).toBe(40)
    expect(socket.roundTripTime).toBe(40)
  })

  test('is answered by a later pong too, since a peer may pass over pings. RFC 6455 §5.5.3', async () => {
    const { clock, peer, socket } = line()
    const times = [watch(socket.ping()), watch(socket.ping())]
    await clock.advance(10)
    times.push(watch(socket.ping()))
    await clock.advance(5)
    peer.send('8a 04 00 00 00 02')
    await settle()
    expect(times.map(({ value }) => value)).toEqual([15, 15, undefined])
    peer.send('8a 04 00 00 00 03')
    await settle()
    expect(times[2]?.value).toBe(5)
    expect(socket.roundTripTime).toBe(5)
  })

  test.each(['8a 00', '8a 04 00 00 00 09', '8a 03 00 00 01', '8a 05 00 00 00 00 01'])(
    'is not answered by the pong %s, which is not its own',
    async frames => {
      const { peer, socket } = line()
      const time = watch(socket.ping())
      peer.send(frames)
      await settle()
      expect(time.state).toBe('pending')
    },
  )

  test('rejects when the line closes before the pong', async () => {
    const { peer, socket } = line()
    const time = watch(socket.ping())
    peer.close(1001)
    peer.wire.end()
    await settle()
    expect(time.error).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1001 })
  })

  test('keeps sixteen on their way, and says so to the oldest', async () => {
    const { peer, socket } = line()
    const times = Array.from({ length: 18 }, () => watch(socket.ping()))
    await settle()
    expect(peer.told).toHaveLength(18)
    expect(times.map(({ state }) => state)).toEqual(['rejected', 'rejected', ...Array(16).fill('pending')])
    expect(times[0]?.error).toMatchObject({ code: 'ERR_LIMIT', limit: { option: 'pendingPings', value: 16 } })
    peer.send('8a 04 00 00 00 12')
    await settle()
    expect(times.slice(2).every(({ state }) => state === 'fulfilled')).toBe(true)
  })
})
