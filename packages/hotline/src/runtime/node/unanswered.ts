/** The HTTP requests of each connection that have no answer yet: how many there may be, and who waits for there to be none. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export class Unanswered {
  /** Of each connection on which anything was ever asked. */
  readonly #counts = new Map<Socket, number>()
  readonly #watchers: (() => void)[] = []
  /** What goes on once a connection has all its answers. */
  readonly #next = new Map<Socket, () => void>()
  #sum = 0

  get none(): boolean {
    return this.#sum === 0
  }

  /** Calls back whenever requests have had their answers, or have lost their connection. */
  watch(callback: () => void): void {
    this.#watchers.push(callback)
  }

  /** How many a connection waits for. */
  of(socket: Socket): number {
    return this.#counts.get(socket) ?? 0
  }

  /** Calls back once the connection has all its answers; never when it is lost before. */
  after(socket: Socket, callback: () => void): void {
    this.#next.set(socket, callback)
  }

  /** A connection that is HTTP's no more. */
  leave(socket: Socket): void {
    this.#counts.delete(socket)
  }

  /** Ends the connections on which something was asked, and all of it has its answer. */
  endIdle(): void {
    for (const [socket, count] of this.#counts) if (count === 0) socket.destroySoon()
  }

  add(socket: Socket, response: ServerResponse): void {
    // Of answers that wait for one another, Node tells the end of the connection to none but the first.
    if (!this.#counts.has(socket)) socket.once('close', () => this.#forget(socket))
    this.#count(socket, 1)
    response.once('close', () => {
      if (this.#counts.has(socket)) this.#count(socket, -1)
    })
  }

  #count(socket: Socket, by: 1 | -1): void {
    const count = this.of(socket) + by
    this.#counts.set(socket, count)
    this.#sum += by
    if (by < 0) this.#tell()
    if (count > 0) return
    const next = this.#next.get(socket)
    this.#next.delete(socket)
    next?.()
  }

  #forget(socket: Socket): void {
    this.#sum -= this.of(socket)
    this.#counts.delete(socket)
    this.#next.delete(socket)
    this.#tell()
  }

  #tell(): void {
    for (const callback of this.#watchers) callback()
  }
}
