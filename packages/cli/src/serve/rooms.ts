/** Rooms: what one member sends, every member gets, at the pace of those that keep up. */
import { setTimeout } from 'node:timers/promises'
import { type Message, type Prepared, prepare, type ServerSocket } from 'hotline/server'

/** Milliseconds that a sender waits for the others; who takes longer is lagging. */
const PATIENCE = 1_000

/** Rejects when the signal is aborted. */
export type Sleep = (milliseconds: number, value: undefined, options: { signal: AbortSignal }) => Promise<void>

/** Until a member has taken what was sent to it. */
interface Wait {
  /** Fulfilled when it is over. */
  readonly taken: Promise<void>
  over: boolean
}

/** A socket in a room. */
class Member {
  readonly #socket: ServerSocket
  #sent: Promise<void> | undefined
  /** For what was sent last. */
  wait: Wait = { taken: Promise.resolve(), over: true }
  /** True while its queue has been long for more than a sender's patience: nobody waits for it. */
  lagging = false

  constructor(socket: ServerSocket) {
    this.#socket = socket
  }

  /** The connection itself closes with 1013 when too much waits for the member. */
  send(message: Prepared): void {
    if (this.#socket.state !== 'open') return
    const sent = this.#socket.send(message)
    if (sent === this.#sent) return // is waited for already; a promise for each message is as good, and costs more
    const over = (): void => {
      wait.over = true
      if (this.wait === wait) this.lagging = false
    }
    const wait: Wait = { taken: sent.then(over, over), over: false }
    this.#sent = sent
    this.wait = wait
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
    const awaited = members.filter(({ lagging, wait }) => !lagging && !wait.over)
    if (awaited.length === 0) return
    const waits = awaited.map(member => ({ member, wait: member.wait }))
    await this.#withPatience(Promise.all(waits.map(({ wait }) => wait.taken)))
    for (const { member, wait } of waits) if (!wait.over) member.lagging = true
  }

  async #withPatience(work: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    await Promise.race([work, this.#sleep(PATIENCE, undefined, { signal: over.signal })])
    over.abort()
  }
}
