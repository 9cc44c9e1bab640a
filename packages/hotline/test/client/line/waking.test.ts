/** What a line does when the machine sleeps, the network goes, and the page comes into view. */
import { describe, expect, test } from 'vitest'
import { fakeLine, settle } from './support.ts'

const heartbeat = { message: 'still there?' }

describe('an open line', () => {
  test('asks a silent server, and takes any message for an answer', async () => {
    const { line, clock, socket } = fakeLine({ heartbeat })
    const one = (await socket()).open()
    for (let round = 1; round <= 3; round++) {
      await clock.advance(30_000)
      expect(one.sent).toHaveLength(round)
      await clock.advance(10_000)
      one.receive('anything')
    }
    expect([line.status, new Set(one.sent)]).toEqual(['open', new Set(['still there?'])])
  })

  test('does not ask a server that speaks', async () => {
    const { clock, socket } = fakeLine({ heartbeat })
    const one = (await socket()).open()
    for (let round = 0; round < 10; round++) {
      await clock.advance(20_000)
      one.receive('tick')
    }
    expect(one.sent).toEqual([])
  })

  test('gives up a server that does not answer, and connects anew', async () => {
    const { clock, sockets, states, socket } = fakeLine({ heartbeat })
    ;(await socket()).open()
    await clock.advance(44_999)
    expect(states.at(-1)).toMatchObject({ status: 'open' })
    await clock.advance(1)
    const error = { code: 'ERR_TIMEOUT', limit: { option: 'heartbeat.timeout', value: 20_000 } }
    expect(states.at(-1)).toMatchObject({ status: 'waiting', end: { code: 1006, opened: true, error } })
    expect(sockets[0]?.closed).toBeDefined()
    await clock.advance(1_000)
    expect(sockets).toHaveLength(2)
  })

  test.each([{ heartbeat: false as const }, {}])('asks nobody with %o', async options => {
    const { line, clock, around, socket } = fakeLine(options)
    const one = (await socket()).open()
    around.dispatchEvent(new Event('online'))
    await clock.advance(600_000)
    expect([line.status, one.sent]).toEqual(['open', []])
  })

  test.each(['online', 'offline', 'visible'])('asks at once when the window says %s', async type => {
    const { clock, around, states, socket } = fakeLine({ heartbeat })
    const one = (await socket()).open()
    if (type === 'visible') {
      around.show('hidden')
      expect(one.sent).toEqual([])
      around.show('visible')
    } else around.dispatchEvent(new Event(type))
    expect(one.sent).toEqual(['still there?'])
    await clock.advance(5_000)
    expect(states.at(-1)).toMatchObject({ status: 'waiting' })
  })

  test('asks within seconds after sleep, and outlives it when the server answers', async () => {
    const { line, clock, socket } = fakeLine({ heartbeat })
    const one = (await socket()).open()
    await clock.advance(7_000)
    clock.sleep(8 * 3_600_000)
    await clock.advance(3_000)
    expect([one.sent, line.status]).toEqual([['still there?'], 'open'])
    one.receive('yes')
    await clock.advance(20_000)
    expect(line.status).toBe('open')
  })

  test('that slept past its server is noticed within ten seconds of waking', async () => {
    const { clock, states, socket } = fakeLine({ heartbeat })
    ;(await socket()).open()
    clock.sleep(8 * 3_600_000)
    await clock.advance(10_000)
    expect(states.at(-1)).toMatchObject({ status: 'waiting' })
  })

  test('of a hidden page, whose timers come once a minute, is not taken for one that slept', async () => {
    const { line, clock, around, socket } = fakeLine({ heartbeat: { ...heartbeat, interval: 300_000 } })
    const one = (await socket()).open()
    around.show('hidden')
    for (let minute = 0; minute < 4; minute++) {
      clock.sleep(55_000)
      await clock.advance(5_000)
    }
    expect([line.status, one.sent]).toEqual(['open', []])
  })

  test('does not mind a clock that is set back', async () => {
    const { line, clock, socket } = fakeLine({ heartbeat })
    const one = (await socket()).open()
    clock.sleep(-3_600_000)
    await clock.advance(25_000)
    expect([line.status, one.sent]).toEqual(['open', ['still there?']])
  })
})

describe('a line that waits', () => {
  const offline = async (options = {}) => {
    const all = fakeLine({ backoff: { base: 1_000, cap: 600_000 }, ...options })
    for (let attempt = 0; attempt < 8; attempt++) {
      ;(await all.socket()).end()
      await settle()
      if (attempt < 7) await all.clock.advance((all.states.at(-1) as { delay: number }).delay)
    }
    return all
  }

  test.each(['online', 'visible', 'sleep'])('tries soon after %s, and not at once', async type => {
    const { clock, around, sockets } = await offline()
    const before = sockets.length
    if (type === 'sleep') {
      clock.sleep(3_600_000)
      await clock.advance(3_000)
    } else if (type === 'visible') around.show('visible')
    else around.dispatchEvent(new Event('online'))
    await settle()
    expect(sockets).toHaveLength(before)
    await clock.advance(1_000)
    expect(sockets).toHaveLength(before + 1)
  })

  test('does not come before the time that the server asked for, whoever looks', async () => {
    const { clock, around, sockets, socket } = fakeLine({ random: () => 0 })
    ;(await socket()).end(1006, '', { status: 503, retryAfter: 60_000 })
    await settle()
    around.dispatchEvent(new Event('online'))
    await clock.advance(59_999)
    expect(sockets).toHaveLength(1)
    await clock.advance(1)
    expect(sockets).toHaveLength(2)
  })

  test('comes within a second after that time, and not with all others who looked', async () => {
    const { clock, around, sockets, socket } = fakeLine()
    ;(await socket()).end(1006, '', { status: 503, retryAfter: 60_000 })
    await settle()
    around.dispatchEvent(new Event('online'))
    await clock.advance(60_999)
    expect(sockets).toHaveLength(1)
    await clock.advance(1)
    expect(sockets).toHaveLength(2)
  })

  test('is not put off by a hundred events', async () => {
    const { clock, around, sockets } = await offline()
    const before = sockets.length
    for (let event = 0; event < 100; event++) {
      around.dispatchEvent(new Event('online'))
      await clock.advance(10)
    }
    expect(sockets.length).toBe(before + 1)
  })
})

test('a line that is closed listens to nothing any more', async () => {
  const { line, around, socket } = fakeLine({ heartbeat })
  const one = (await socket()).open()
  line.close()
  around.dispatchEvent(new Event('online'))
  around.show('visible')
  expect(one.sent).toEqual([])
})
