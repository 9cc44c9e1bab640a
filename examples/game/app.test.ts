/** Peers that do not play by the rules, over real lines: each is told so and closed, and the others play on. */
import { type Server, serve } from 'hotline/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { Player } from './test/support.ts'
import { hello, ping, steering } from './wire.ts'

const soon = <T>(what: () => T) => expect.poll(what, { timeout: 10_000 })
const RIGHT = { dx: 127, dy: 0, dash: false }

describe('hostile peers', () => {
  const app = createApp({ bots: 10, seed: 4 })
  let server: Server
  let url: string
  let witness: Player
  beforeAll(async () => {
    server = await serve({ port: 0, routes: app.routes })
    url = `${server.url}/game`
    witness = await Player.join(url, 'witness')
    witness.socket.addEventListener('message', () => witness.steer(RIGHT))
  })
  afterAll(async () => {
    await witness[Symbol.asyncDispose]()
    app.stop?.()
    await server.close()
  })

  test.each<readonly [what: string, send: (player: Player) => void, code: number, reason: RegExp]>([
    ['text', ({ socket }) => socket.send('{"dx":NaN}'), 1003, /binary messages only/],
    ['a name of 250 characters', ({ socket }) => socket.send(hello('x'.repeat(250))), 1008, /at most 20 characters/],
    ['a huge message', ({ socket }) => socket.send(new Uint8Array(10_000)), 1009, /maxMessage: 256/],
    ['steps before hello', player => player.steer(RIGHT), 1008, /hello first/],
    ['random bytes', ({ socket }) => socket.send(Uint8Array.of(200, 1, 2)), 1008, /no client says this/],
  ])('%s closes the line with a word', async (_, send, code, reason) => {
    const player = new Player(url)
    await player.opened
    send(player)
    expect(await player.closed).toEqual([code, expect.stringMatching(reason)])
  })

  test('a flood is closed, and the others play on at thirty ticks a second', async () => {
    const before = witness.heard.states.length
    const floods = await Promise.all(Array.from({ length: 5 }, (_, i) => Player.join(url, `flood ${i}`)))
    for (const { socket } of floods) for (let i = 0; i < 5000; i++) socket.send(ping(i))
    for (const { closed } of floods) expect(await closed).toEqual([1008, expect.stringMatching(/too many messages/)])
    await soon(() => witness.heard.states.length).toBeGreaterThan(before + 60)
    // A machine that was busy with the flood, or with something else, is soon even again.
    await soon(() => Math.abs(witness.heard.all.findLast(message => message.kind === 'table')!.rate - 30)).toBeLessThan(
      1,
    )
    const newest = () => witness.heard.states.slice(-60).map(({ tick }) => tick)
    await soon(() => newest().at(-1)! - newest()[0]).toBeLessThan(75)
  })

  test('thousands of steps at once move nobody faster than time', async () => {
    await using cheat = await Player.join(url, 'cheat')
    await soon(() => cheat.heard.states.length).toBeGreaterThan(1)
    const [start] = cheat.heard.states
    for (let i = 0; i < 100; i++)
      cheat.socket.send(steering({ seen: 0, first: 8 * i + 1, steps: Array.from({ length: 8 }, () => RIGHT) }))
    await soon(() => cheat.heard.states.length).toBeGreaterThan(30)
    const end = cheat.heard.states.at(-1)!
    // No ship is faster than some 9 pixels a tick without a dash, and no bump makes it more than 30.
    expect((end.ship.x - start.ship.x) / 16 / (end.tick - start.tick)).toBeLessThan(12)
    expect(server.sockets.size).toBeGreaterThan(1)
  })

  test('one that never reads keeps no old states here: the others play on', async () => {
    const mute = await Player.join(url, 'mute')
    await soon(() => mute.heard.states.length).toBe(48)
    await soon(() => mute.heard.all.findLast(message => message.kind === 'table')?.skipped).toBeGreaterThan(0)
    await mute[Symbol.asyncDispose]()
  })
})
