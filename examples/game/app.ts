/** The game as a part of a server: one route. */
import type { App } from '../app.ts'
import { Game, type GameOptions } from './game.ts'
import { CAPACITY } from './rules.ts'
import { MAX_CLIENT_MESSAGE } from './wire.ts'

/** Milliseconds after which a line that says nothing is closed, with 1008: its place is for others. */
const SILENCE = 30_000

/** How many bots there are to be, `GAME_BOTS` says; without it, as many as the game thinks good. */
export function createApp(options: GameOptions = fromEnvironment(process.env)): App {
  const game = new Game(options)
  // excerpt
  const route = {
    maxMessage: MAX_CLIENT_MESSAGE, // one byte more, and the line is closed with 1009
    idleTimeout: SILENCE,
    deflate: false, // a state is some hundred bytes, and its delta coding is better than any that knows nothing of ships
    message: (socket, message) => game.message(socket, message),
    close: socket => game.leave(socket),
  } satisfies App['routes'][string]
  return { alone: true, routes: { '/game': route }, stop: () => game.stop() }
  // end of excerpt
}

function fromEnvironment({ GAME_BOTS: bots }: NodeJS.ProcessEnv): GameOptions {
  const count = Number(bots || Number.NaN)
  return Number.isInteger(count) && count >= 0 ? { bots: Math.min(count, CAPACITY) } : {}
}
