/** The server of the game: who plays, thirty ticks a second, and what each is told. */
import { Arena, type Pilot } from './arena.ts'
import { Bot, botName } from './bots.ts'
import { Flag, type Seen, type View } from './delta.ts'
import { Metronome, systemTime, type Time } from './metronome.ts'
import { cut, lengthOf, tidy } from './names.ts'
import { GRAIN, MAX_NAME, SIGHT, TICK, TICK_RATE, UNIT } from './rules.ts'
import { type Peer, Seat } from './seat.ts'
import { type FromClient, pong, readFromClient, roster, table, welcome } from './wire.ts'

export interface GameOptions {
  /**
   * Bots that play when nobody is there but one or two. Each further player takes the place of one.
   * @defaultValue 12
   */
  readonly bots?: number
  /**
   * Players at once, bots among them.
   * @defaultValue 100
   */
  readonly capacity?: number
  /** @defaultValue 1 */
  readonly seed?: number
  /** @defaultValue the system's */
  readonly time?: Time
}

/** Players beside whom all bots stay. */
const COMPANY = 2
const BEST = 10
const NOT_BINARY = 'this game takes binary messages only'

export class Game {
  readonly arena: Arena
  readonly #wanted: number
  readonly #seats = new Map<Peer, Seat>()
  #bots: Bot[] = []
  readonly #metronome: Metronome
  /** Milliseconds of the clock and of this process, and what share that was. */
  #spent = { at: 0, cpu: 0, percent: 0 }

  constructor({ bots = 12, capacity, seed, time = systemTime }: GameOptions = {}) {
    this.arena = new Arena(seed, capacity)
    this.#wanted = bots
    this.#metronome = new Metronome(() => this.#tick(), TICK, time)
  }

  /** People and bots. */
  get players(): { readonly people: number; readonly bots: number } {
    return { people: this.#seats.size, bots: this.#bots.length }
  }

  /** What came from a line that may have a seat, or wants one. */
  message(peer: Peer, data: string | Uint8Array): void {
    if (peer.state !== 'open') return // it has been refused, and does not know yet
    const fault = typeof data === 'string' ? NOT_BINARY : this.#read(peer, data)
    if (fault === undefined) return
    this.leave(peer)
    peer.close(fault === NOT_BINARY ? 1003 : 1008, fault)
  }

  leave(peer: Peer): void {
    const seat = this.#seats.get(peer)
    if (seat === undefined) return
    this.#seats.delete(peer)
    this.arena.leave(seat.pilot)
    this.#populate(this.#seats.size)
    if (this.#seats.size === 0) this.#metronome.stop()
  }

  stop(): void {
    this.#metronome.stop()
  }

  /** Does what it says. Returns what is wrong with it. */
  #read(peer: Peer, data: Uint8Array): string | undefined {
    const seat = this.#seats.get(peer)
    if (seat?.admit() === false) return 'too many messages: 60 a second are enough'
    const message = readFromClient(data)
    if (message.kind === 'unreadable') return message.reason
    return seat === undefined ? this.#seat(peer, message) : this.#heard(seat, message)
  }

  #heard(seat: Seat, message: FromClient): string | undefined {
    if (message.kind === 'steer') return seat.take(message)
    if (message.kind === 'hello') return 'hello is said once'
    seat.tell(pong(message.stamp))
    return undefined
  }

  #seat(peer: Peer, message: FromClient): string | undefined {
    if (message.kind !== 'hello') return 'say hello first'
    if (lengthOf(message.name) > MAX_NAME) return `a name has at most ${MAX_NAME} characters`
    this.#populate(this.#seats.size + 1)
    // People begin beside each other: who opens a second page finds the first one.
    const beside = [...this.#seats.values()].at(-1)?.pilot
    const pilot = this.arena.join(cut(tidy(message.name)) || 'Guest', { beside })
    if (pilot === undefined) this.#full(peer)
    else this.#begin(new Seat(peer, pilot))
    return undefined
  }

  /** 1013, try again later: a line of `connect` does so by itself. */
  #full(peer: Peer): void {
    this.#populate(this.#seats.size)
    peer.close(1013, `the arena is full: ${this.arena.capacity} play`)
  }

  #begin(seat: Seat): void {
    const { id } = seat.pilot
    this.#seats.set(seat.peer, seat)
    seat.tell(welcome({ id, tick: this.arena.tick, capacity: this.arena.capacity }))
    seat.tell(roster(this.arena.pilots))
    this.#introduce(seat.pilot)
    this.#metronome.start()
    this.#rank([seat])
  }

  #introduce(pilot: Pilot): void {
    const message = roster([pilot])
    for (const seat of this.#seats.values()) if (seat.pilot !== pilot) seat.tell(message)
  }

  /** Bots go when people come, and come back when they go. */
  #populate(people: number): void {
    const count = Math.min(this.#wanted - Math.max(people - COMPANY, 0), this.arena.capacity - people)
    while (this.#bots.length > Math.max(count, 0)) this.arena.leave(this.#bots.pop()!.pilot)
    while (this.#bots.length < count) {
      const pilot = this.arena.join(botName(this.#bots.length), { bot: true })
      if (pilot === undefined) return
      this.#bots.push(new Bot(pilot))
      this.#introduce(pilot)
    }
  }

  // excerpt
  /** Thirty times a second: everybody moves, what happened is settled, and each is told what it can see of it. */
  #tick(): void {
    for (const bot of this.#bots) this.arena.move(bot.pilot, bot.steer(this.arena))
    for (const seat of this.#seats.values()) seat.move(this.arena)
    this.arena.settle()
    if (!this.#metronome.behind) this.#show() // of ticks that are caught up the last one is worth telling
    if (this.arena.tick % TICK_RATE === 0) this.#rank(this.#seats.values())
  }
  // end of excerpt

  #show(): void {
    const all = this.arena.pilots.map(seenOf)
    for (const seat of this.#seats.values()) seat.show(this.arena.tick, this.#viewOf(seat.pilot, all))
  }

  #viewOf({ id, ship }: Pilot, all: readonly Seen[]): View {
    const [x, y, sight] = [(ship.x / UNIT) * GRAIN, (ship.y / UNIT) * GRAIN, (SIGHT * GRAIN) ** 2]
    const near = (thing: { readonly x: number; readonly y: number }): boolean =>
      (thing.x - x) ** 2 + (thing.y - y) ** 2 < sight
    return { ships: all.filter(other => other.id !== id && near(other)), sparks: this.arena.sparks.all.filter(near) }
  }

  #rank(seats: Iterable<Seat>): void {
    const ranking = this.arena.pilots.sort((a, b) => b.score - a.score)
    const shared = { rate: this.#metronome.rate, cpu: this.#cpu, ...this.players, best: ranking.slice(0, BEST) }
    for (const seat of seats)
      seat.tell(table({ ...shared, skipped: seat.skipped, rank: ranking.indexOf(seat.pilot) + 1 }))
  }

  /** Percent of a core that this process took, over a second at least. */
  get #cpu(): number {
    const [at, { user, system }] = [performance.now(), process.cpuUsage()]
    const [passed, spent] = [at - this.#spent.at, (user + system) / 1000 - this.#spent.cpu]
    if (passed >= 900) this.#spent = { at, cpu: (user + system) / 1000, percent: (100 * spent) / passed }
    return this.#spent.percent
  }
}

const seenOf = ({ id, score, ship }: Pilot): Seen => ({
  id,
  x: Math.round((ship.x / UNIT) * GRAIN),
  y: Math.round((ship.y / UNIT) * GRAIN),
  fx: ship.fx,
  fy: ship.fy,
  flags: (ship.dash > 0 ? Flag.dashing : 0) | (ship.shaken > 0 ? Flag.shaken : 0),
  score,
})
