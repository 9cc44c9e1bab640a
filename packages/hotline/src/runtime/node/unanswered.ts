/** The HTTP requests of each connection that have no answer yet: how many there may be, and when there is none. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Requests of one connection that may wait. Node's parser takes two thousand out of one chunk, with some kilobytes for
 * each, before the first is answered (`pipelined` of `npm run attack`). RFC 9112 §9.3.2
 */
const MOST = 32

export class Unanswered {
  /** Of each connection on which anything was ever asked. */
  readonly #counts = new Map<Socket, number>()
  readonly #watchers: (() => void)[] = []
  #sum = 0

  get none(): boolean {
    return this.#sum === 0
  }

  /** Calls back whenever requests have had their answers, or have lost their connection. */
  watch(callback: () => void): void {
    this.#watchers.push(callback)
  }

  /** False for a request too many: the connection is cut. */
  add(socket: Socket, response: ServerResponse): boolean {
    const count = this.#counts.get(socket)
    if (count === MOST) {
      socket.destroy()
      return false
    }
    // Of answers that wait for one another, Node tells the end of the connection to none but the first.
    if (count === undefined) socket.once('close', () => this.#forget(socket))
    this.#count(socket, 1)
    response.once('close', () => {
      if (this.#counts.has(socket)) this.#count(socket, -1)
    })
    return true
  }

  #count(socket: Socket, by: 1 | -1): void {
    this.#counts.set(socket, (this.#counts.get(socket) ?? 0) + by)
    this.#sum += by
    if (by < 0) this.#tell()
  }

  #forget(socket: Socket): void {
    this.#sum -= this.#counts.get(socket) ?? 0
    this.#counts.delete(socket)
    this.#tell()
  }

  #tell(): void {
    for (const callback of this.#watchers) callback()
  }
}
