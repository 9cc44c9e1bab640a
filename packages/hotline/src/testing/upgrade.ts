/** An opening handshake in memory: the request that a server sees, and the answer that the client gets. */
import type { Transport } from '../connection/transport.ts'
import type { ResponseHead } from '../protocol/handshake/client.ts'
import { type Field, Fields } from '../protocol/handshake/fields.ts'
import type { IncomingMessage } from '../runtime/node/http.ts'
import { unheardRequest } from '../runtime/node/unheard.ts'
import type { Upgrade } from '../runtime/node/upgrade.ts'

/** A request that is to be answered. */
export interface Asked {
  readonly target: string
  readonly fields: readonly Field[]
  readonly address: string
  /** The server's end of the wire. */
  readonly transport: Transport
}

const NOTHING = new Uint8Array(0)

export class MemoryUpgrade implements Upgrade {
  readonly method = 'GET'
  readonly httpVersion = '1.1'
  readonly encrypted = false
  readonly target: string
  readonly fields: Fields
  readonly peerAddress: string
  readonly raw: IncomingMessage
  readonly #transport: Transport
  readonly #answer: (answer: ResponseHead) => void
  readonly #accepted: () => void
  #answered = false
  #gone: (() => void) | undefined

  /**
   * @param answer - told once
   * @param accepted - told when the answer is yes, right before the server makes its socket
   */
  constructor(asked: Asked, answer: (answer: ResponseHead) => void, accepted: () => void) {
    this.target = asked.target
    this.fields = new Fields(asked.fields)
    this.peerAddress = asked.address
    this.raw = unheardRequest(asked.target, asked.fields)
    this.#transport = asked.transport
    this.#answer = answer
    this.#accepted = accepted
  }

  get answered(): boolean {
    return this.#answered
  }

  watch(gone: () => void): void {
    this.#gone = gone
  }

  /** The client does not wait for the answer any more. */
  abandon(): void {
    this.#gone?.()
  }

  refuse(status: number, reason: string, fields: readonly Field[]): void {
    if (this.#answered) return
    this.#answered = true
    this.#answer({ status, fields: new Fields(fields), body: `${reason}\n` })
  }

  drop(): void {
    this.#answered = true
  }

  accept(fields: readonly Field[]): { transport: Transport; head: Uint8Array } {
    this.#answered = true
    this.#accepted()
    this.#answer({ status: 101, fields: new Fields(fields) })
    return { transport: this.#transport, head: NOTHING }
  }
}
