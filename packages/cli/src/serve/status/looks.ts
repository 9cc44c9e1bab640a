/** What one process says of its own server to whoever looks; while nobody does, nothing is measured. */
import type { Server } from 'hotline/server'
import { socketPart, socketQuestion } from './lists.ts'
import { Paced } from './paced.ts'
import { PulseTaker } from './pulse.ts'
import { socketRow, socketSheet } from './sockets.ts'
import { pack, TopicList } from './topics.ts'
import type { Pulse, SocketRow, TopicRow } from './wire.ts'

/** Milliseconds without a look until nothing is measured any more. */
const UNTIL_REST = 10_000

export class Looks {
  readonly #server: Server
  readonly #worker: number
  readonly #taker = new PulseTaker()
  readonly #topics = new TopicList()
  readonly #pulses: Paced<Pulse>
  readonly #topicRows: Paced<readonly TopicRow[]>
  readonly #socketRows: Paced<readonly SocketRow[]>
  readonly #rested: () => void
  #timer: NodeJS.Timeout | undefined

  /** @param rested - called when nobody has looked for a while */
  constructor(server: Server, worker: number, rested: () => void) {
    this.#rested = rested
    this.#server = server
    this.#worker = worker
    this.#pulses = new Paced(() => this.#taker.take(server, worker))
    this.#topicRows = new Paced(() => this.#topics.look(server))
    this.#socketRows = new Paced(() => Array.from(server.sockets, socket => socketRow(socket, worker)))
  }

  /** @param data - as the page has sent it */
  answer(about: string, data: unknown): unknown {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.rest(), UNTIL_REST).unref()
    switch (about) {
      case 'pulse':
        return this.#pulses.value
      case 'topics':
        return pack(this.#topicRows.value)
      case 'sockets':
        return socketPart(this.#socketRows.value, socketQuestion(data))
      default:
        return socketSheet(this.#server, data, this.#worker)
    }
  }

  rest(): void {
    clearTimeout(this.#timer)
    this.#taker.stop()
    for (const seen of [this.#pulses, this.#topicRows, this.#socketRows]) seen.forget()
    this.#rested()
  }
}
