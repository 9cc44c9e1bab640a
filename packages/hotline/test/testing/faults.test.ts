/** Faults on a line in memory: each does what it says, the same seed does the same, and no timer is left. */
import { describe, expect, test } from 'vitest'
import {
  FakeClock,
  type Faults,
  faulty,
  type Socket,
  settle,
  socketPair,
  transportPair,
} from '../../src/testing/index.ts'

/** What an end of a wire gets. */
class Ear {
  readonly pieces: string[] = []
  ended = false
  over = false
  data(bytes: Uint8Array, start: number, end: number): void {
    this.pieces.push(String.fromCharCode(...bytes.subarray(start, end)))
  }
  written(): void {}
  ended_(): void {}
  closed(): void {
    this.over = true
  }
}

/** A wire with these faults in one direction. */
function wire(faults: Faults) {
  const clock = new FakeClock()
  const [near, far] = transportPair()
  const lame = faulty(near, faults, clock)
  const ear = new Ear()
  far.open({
    data: (bytes, start, end) => ear.data(bytes, start, end),
    written() {},
    ended: () => {
      ear.ended = true
    },
    closed: () => ear.closed(),
  })
  lame.open({ data() {}, written() {}, ended() {}, closed() {} })
  const write = (text: string): boolean => lame.write(new TextEncoder().encode(text))
  return { clock, lame, far, ear, write }
}

async function received(socket: Socket): Promise<string[]> {
  const messages: string[] = []
  for await (const message of socket) messages.push(String(message))
  return messages
}

describe('a chunk', () => {
  test('that is delayed arrives when its time has come, and not before', async () => {
    const { clock, ear, write } = wire({ delay: 100 })
    write('a')
    await clock.advance(99)
    expect(ear.pieces).toEqual([])
    await clock.advance(1)
    expect(ear.pieces).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  test('never overtakes another by its delay', async () => {
    const { clock, ear, write } = wire({ delay: [1, 500], seed: 7 })
    for (const letter of 'abcdefghij') write(letter)
    await clock.advance(500)
    expect(ear.pieces.join('')).toBe('abcdefghij')
  })

  test('that is split arrives in pieces of at most so many bytes, all of it', async () => {
    const { ear, write } = wire({ split: 3, seed: 2 })
    write('abcdefghijklmnopqrstuvwxyz')
    await settle()
    expect(ear.pieces.join('')).toBe('abcdefghijklmnopqrstuvwxyz')
    expect(new Set(ear.pieces.map(piece => piece.length))).toEqual(new Set([1, 2, 3]))
  })

  test('that is dropped is gone, and only that', async () => {
    const { ear, write } = wire({ drop: 0.5, seed: 3 })
    for (const letter of 'abcdefghijklmnopqrst') write(letter)
    await settle()
    expect(ear.pieces.length).toBeGreaterThan(3)
    expect(ear.pieces.length).toBeLessThan(17)
    expect(ear.pieces).toEqual([...ear.pieces].sort())
  })

  test('that is reordered lets the next one go first, and goes by itself where none follows', async () => {
    const { clock, ear, write } = wire({ reorder: 1 })
    write('a')
    write('b')
    await settle()
    expect(ear.pieces).toEqual(['b', 'a'])
    write('c')
    await clock.advance(49)
    expect(ear.pieces).toHaveLength(2)
    await clock.advance(1)
    expect(ear.pieces).toEqual(['b', 'a', 'c'])
  })

  test('may be changed by its owner once it was written', async () => {
    const { clock, lame, ear } = wire({ delay: 10 })
    const bytes = new TextEncoder().encode('mine')
    expect(lame.write(bytes)).toBe(true)
    bytes.fill(0)
    await clock.advance(10)
    expect(ear.pieces).toEqual(['mine'])
  })
})

test.each([0, 1, 5, 9])('a line that is cut at byte %i has carried exactly so many', async cutAt => {
  const { ear, write } = wire({ cutAt })
  write('abcdef')
  write('ghijkl')
  await settle()
  expect(ear.pieces.join('')).toBe('abcdefghijkl'.slice(0, cutAt))
  expect(ear.over).toBe(true)
})

test('a line is cut with the byte that was named, not with the next one', async () => {
  const { ear, write } = wire({ cutAt: 6 })
  write('abcdef')
  await settle()
  expect([ear.pieces.join(''), ear.over]).toEqual(['abcdef', true])
})

test('the end comes behind a chunk that lets others go first', async () => {
  const { lame, ear, write } = wire({ reorder: 1 })
  write('last words')
  lame.end()
  await settle()
  expect([ear.pieces, ear.ended]).toEqual([['last words'], true])
})

test('the end comes behind what was delayed', async () => {
  const { clock, lame, ear, write } = wire({ delay: 100 })
  write('last words')
  lame.end()
  await clock.advance(100)
  expect(ear.pieces).toEqual(['last words'])
  expect(ear.ended).toBe(true)
})

test.each([{ delay: 100 }, { reorder: 1 }])(
  'a wire with %o leaves no timer when either end destroys it',
  async faults => {
    for (const end of ['lame', 'far'] as const) {
      const ends = wire(faults)
      ends.write('a')
      expect(ends.clock.pending).toBe(1)
      ends[end].destroy()
      await settle()
      expect(ends.clock.pending).toBe(0)
    }
  },
)

test('the same seed has the same faults, another one others', async () => {
  const run = async (seed: number): Promise<string[]> => {
    const { clock, ear, write } = wire({ seed, drop: 0.3, split: 4, delay: [0, 50], reorder: 0.3 })
    for (let chunk = 0; chunk < 20; chunk++) write('abcdefgh')
    await clock.advance(1_000)
    return ear.pieces
  }
  expect(await run(1)).toEqual(await run(1))
  expect(await run(1)).not.toEqual(await run(2))
})

test.each<[string, Faults]>([
  ['drop', { drop: 2 }],
  ['delay', { delay: [5, 1] }],
  ['split', { split: 0 }],
  ['lose', { lose: 1 } as Faults],
])('a fault %s that is none is refused by name', (name, faults) => {
  expect(() => socketPair({ faults: { client: faults } })).toThrow(name)
})

describe('a pair of sockets', () => {
  test('carries its messages whole over a line that splits and delays', async () => {
    const { client, server, clock } = socketPair({ faults: { client: { split: 2, delay: [0, 20], seed: 5 } } })
    const got = received(server)
    for (let turn = 0; turn < 10; turn++) await client.send(`message ${turn}`)
    void client.close()
    await clock.advance(30_000)
    expect(await got).toEqual(Array.from({ length: 10 }, (_, turn) => `message ${turn}`))
    expect(clock.pending).toBe(0)
  })

  test('whose line loses messages has the others, and goes on', async () => {
    const { client, server, clock } = socketPair({ faults: { server: { drop: 0.4, seed: 11 } } })
    const got: string[] = []
    void (async () => {
      for await (const message of client) got.push(String(message))
    })()
    for (let turn = 0; turn < 20; turn++) {
      void server.send(String(turn))
      await settle()
    }
    expect(got.length).toBeGreaterThan(5)
    expect(got.length).toBeLessThan(18)
    expect(client.state).toBe('open')
    client.terminate()
    await clock.advance(0)
  })

  test('whose line is cut in the middle of a message is told 1006, and the message never came', async () => {
    const { client, server, clock } = socketPair({ faults: { server: { cutAt: 10 } } })
    const got = received(client)
    void server.send('four')
    await settle()
    void server.send('more than ten')
    await settle()
    expect(await got).toEqual(['four'])
    expect(await client.closed).toMatchObject({ code: 1006, clean: false })
    expect(await server.closed).toMatchObject({ code: 1006, clean: false })
    expect(clock.pending).toBe(0)
  })
})
