/** A client of each way: what a page would do, over a connection of its own. */
import { setTimeout } from 'node:timers/promises'
import { type ClientSocket, openSocket } from 'hotline/client'
import { type Door, Http1Door, Http2Door } from './door.ts'
import { headersOf } from './headers.ts'
import type { HeaderSet, Way } from './plan.ts'

/** What is there for each client. */
export interface Surroundings {
  readonly way: Way
  readonly port: number
  readonly headers: HeaderSet
  /** Milliseconds between two polls. */
  readonly interval: number
  /** Told of each update. */
  heard(update: Update): void
  /** Told when a connection ends, or an answer is none, before `close` was called. */
  lost(error: unknown): void
}

export interface Update {
  readonly id: number
  readonly at: number
}

export interface Client {
  /** Fulfilled when the server knows it. */
  open(): Promise<void>
  /** Begins what it does again and again, if anything. */
  start(): void
  close(): void
}

export function createClient(around: Surroundings): Client {
  const { way, port, headers } = around
  const fields = headersOf(headers, way.method, `http://127.0.0.1:${port}/`)
  if (way.method === 'websocket') return new SocketClient(around, fields)
  const door = way.http === 1 ? new Http1Door(port, fields) : new Http2Door(port, fields)
  if (way.method === 'sse') return new EventsClient(around, door)
  return way.method === 'polling' ? new PollingClient(around, door) : new WaitingClient(around, door)
}

/** The two that ask for what is behind the newest update that they know. */
abstract class AskingClient {
  protected readonly around: Surroundings
  readonly #door: Door
  #last = 0
  protected closed = false

  constructor(around: Surroundings, door: Door) {
    this.around = around
    this.#door = door
  }

  close(): void {
    this.closed = true
    this.#door.close()
  }

  protected async ask(path: string, sent?: () => void): Promise<void> {
    const updates: Update[] = JSON.parse(await this.#door.get(`${path}?after=${this.#last}`, sent))
    for (const update of updates) this.around.heard(update)
    this.#last = updates.at(-1)?.id ?? this.#last
  }

  protected failed(error: unknown): void {
    if (!this.closed) this.around.lost(error)
    this.close()
  }
}

/** Asks at its own times, which are spread over the interval; a poll that is still out is not asked again. */
class PollingClient extends AskingClient implements Client {
  async open(): Promise<void> {
    await this.ask('/poll')
  }

  start(): void {
    this.#repeat().catch(error => this.failed(error))
  }

  async #repeat(): Promise<void> {
    const { interval } = this.around
    await setTimeout(Math.random() * interval)
    for (let due = performance.now(); !this.closed; ) {
      await this.ask('/poll')
      const now = performance.now()
      due = Math.max(due + interval, now)
      await setTimeout(due - now)
    }
  }
}

/** Asks again as soon as it has its answer; it is open when its first request is on its way. */
class WaitingClient extends AskingClient implements Client {
  open(): Promise<void> {
    return new Promise((sent, failed) => {
      this.#repeat(sent).catch(error => {
        failed(error)
        this.failed(error)
      })
    })
  }

  start(): void {}

  async #repeat(sent: () => void): Promise<void> {
    while (!this.closed) await this.ask('/wait', sent)
  }
}

class EventsClient implements Client {
  readonly #around: Surroundings
  readonly #door: Door
  #rest = ''
  #closed = false

  constructor(around: Surroundings, door: Door) {
    this.#around = around
    this.#door = door
  }

  async open(): Promise<void> {
    const ended = (): void => {
      if (!this.#closed) this.#around.lost(new Error('the server ended the events'))
    }
    await this.#door.listen('/events', text => this.#read(text), ended)
  }

  start(): void {}

  close(): void {
    this.#closed = true
    this.#door.close()
  }

  /** An event ends with an empty line. HTML Living Standard §9.2.6 */
  #read(text: string): void {
    const events = (this.#rest + text).split('\n\n')
    this.#rest = events.pop() ?? ''
    for (const event of events) {
      const data = event.split('\n').find(line => line.startsWith('data: '))
      if (data !== undefined) this.#around.heard(JSON.parse(data.slice(6)))
    }
  }
}

class SocketClient implements Client {
  readonly #around: Surroundings
  readonly #headers: Readonly<Record<string, string>>
  #socket: ClientSocket | undefined
  #closed = false

  constructor(around: Surroundings, headers: Readonly<Record<string, string>>) {
    this.#around = around
    this.#headers = headers
  }

  async open(): Promise<void> {
    const { port, headers } = this.#around
    const origin = headers === 'browser' ? { origin: `http://127.0.0.1:${port}` } : {}
    this.#socket = await openSocket(`ws://127.0.0.1:${port}/socket`, { headers: this.#headers, ...origin })
    this.#read(this.#socket).catch(error => this.#around.lost(error))
  }

  start(): void {}

  close(): void {
    this.#closed = true
    this.#socket?.terminate()
  }

  async #read(socket: ClientSocket): Promise<void> {
    for await (const message of socket) this.#around.heard(JSON.parse(String(message)))
    if (!this.#closed) throw new Error('the server closed the line')
  }
}
