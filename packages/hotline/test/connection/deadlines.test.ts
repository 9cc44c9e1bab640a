import { describe, expect, test } from 'vitest'
import { LimitError } from '../../src/errors.ts'
import { frame, join, masked } from '../protocol/support.ts'
import { gate, line, settle } from './support.ts'

describe('idleTimeout', () => {
  test('a peer that floods with pings, and so waits for its turn all the time, is idle nevertheless', async () => {
    const { clock, session, socket } = line({ idleTimeout: 1000 })
    const pings = join(Array.from({ length: 3000 }, () => masked(frame(0x89, new Uint8Array(0)))))
    // The tick does not end before the timer.
    clock.afterTick = () => {}
    session.connection.data(pings, 0, pings.length)
    await clock.advance(1000)
    expect(socket.state).toBe('closing')
  })

  test('closes with 1008 when no message came for so long', async () => {
    const { clock, peer, socket } = line({ idleTimeout: 1000, closeTimeout: 100 })
    await clock.advance(999)
    expect(socket.state).toBe('open')
    await clock.advance(1)
    expect(peer.told[0]?.[1]).toMatch(/^03 f0 /)
    await clock.advance(100)
    const { error, ...closed } = await socket.closed
    expect(closed).toMatchObject({ code: 1008, clean: false })
    expect(error).toBeInstanceOf(LimitError)
    expect(error).toMatchObject({ limit: { option: 'idleTimeout', value: 1000 } })
    expect(clock.pending).toBe(0)
  })

  test('is not held off by pings, pongs or fragments', async () => {
    const { clock, peer, socket } = line({ idleTimeout: 1000 })
    peer.send('01 01 41')
    for (let time = 0; time < 10; time++) {
      peer.send('89 00 | 8a 00 | 00 01 41')
      await clock.advance(100)
    }
    expect(socket.state).toBe('closing')
  })

  test('is held off by every message, text or binary', async () => {
    const { clock, peer, socket } = line({ idleTimeout: 1000 })
    for (let time = 0; time < 10; time++) {
      await clock.advance(900)
      peer.send(time % 2 === 0 ? '81 01 41' : '82 00')
    }
    await clock.advance(900)
    expect(socket.state).toBe('open')
    await clock.advance(1100)
    expect(socket.state).toBe('closing')
  })

  test('does not count while our own handler keeps reading paused', async () => {
    const { clock, peer, session, socket } = line({ idleTimeout: 1000, highMark: 100 })
    const working = gate()
    session.deliverTo(() => working.promise, undefined)
    peer.text(...Array.from({ length: 10 }, () => 'a message of some length'))
    await clock.advance(10_000)
    expect(socket.state).toBe('open')
    working.open()
    await settle()
    await clock.advance(2000)
    expect(socket.state).toBe('closing')
  })

  test('is off unless it is asked for', async () => {
    const { clock, socket } = line({ heartbeat: false })
    await clock.advance(100_000_000)
    expect(socket.state).toBe('open')
  })
})
