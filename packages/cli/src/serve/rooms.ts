/** Rooms: what one member sends, every member gets, at the pace of those that keep up. */
import { setTimeout } from 'node:timers/promises'
import { type Message, type Prepared, prepare, type ServerSocket } from 'hotline/server'

/** Milliseconds that a sender waits for the others; who takes longer is lagging. */
const PATIENCE = 1_000

/** Rejects when the signal is aborted. */
export type Sleep = (milliseconds: number, value: undefined, options: { signal: AbortSignal }) => Promise<void>

/** A socket in a room. */
class Member {
  readonly #socket: ServerSocket
  /** What the last send answered: a connection gives the same promise for as long as nothing changes. */
  #sent: Promise<void> | undefined
  /** Fulfilled when the queue for it is short again. */
  taken: Promise<void> = Promise.resolve()
  /** `long` until it is short again, `lagging` when that took longer than a sender's patience: nobody waits for it. */
  queue: 'short' | 'long' | 'lagging' = 'short'

  constructor(socket: ServerSocket) {
    this.#socket = socket
  }

  /** The connection itself closes with 1013 when too much waits for the member. */
  send(message: Prepared): void {
    if (this.#socket.state !== 'open') return
    const sent = this.#socket.send(message)
    if (sent === this.#sent) return
    const short = (): void => {
      if (this.#sent === sent) this.queue = 'short'
    }
    this.#sent = sent
    if (this.queue === 'short') this.queue = 'long'
    this.taken = sent.then(short, short)
  }
}

export class Rooms {
  readonly #rooms = new Map<string, Map<ServerSocket, Member>>()
  readonly #sleep: Sleep

  constructor(sleep: Sleep = setTimeout) {
    this.#sleep = sleep
  }

  /** How many rooms have somebody in them. */
  get size(): number {
    return this.#rooms.size
  }

  join(room: string, socket: ServerSocket): void {
    const members = this.#rooms.get(room) ?? new Map<ServerSocket, Member>()
    this.#rooms.set(room, members.set(socket, new Member(socket)))
  }

  leave(room: string, socket: ServerSocket): void {
    const members = this.#rooms.get(room)
    members?.delete(socket)
    if (members?.size === 0) this.#rooms.delete(room)
  }

  /** Sends to everybody in the room; fulfilled when those that keep up have taken it. */
  async publish(room: string, message: Message): Promise<void> {
    const members = [...(this.#rooms.get(room)?.values() ?? [])]
    const prepared = prepare(message)
    for (const member of members) member.send(prepared)
    await Promise.resolve() // by now the queues that are short say so
    const awaited = members.filter(({ queue }) => queue === 'long').map(member => ({ member, taken: member.taken }))
    if (awaited.length === 0) return
    await this.#withPatience(Promise.all(awaited.map(({ taken }) => taken)))
    for (const { member, taken } of awaited) {
      if (member.queue === 'long' && member.taken === taken) member.queue = 'lagging'
    }
  }

  async #withPatience(work: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    await Promise.race([work, this.#sleep(PATIENCE, undefined, { signal: over.signal })])
    over.abort()
  }
}
