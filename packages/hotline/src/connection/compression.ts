/** One connection's compression: what is agreed, what is remembered between messages, and what is done at once or later. RFC 7692 §7.2 */
import { LimitError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import type { DeflateParams } from '../protocol/deflate.ts'
import type { Role } from '../protocol/opcode.ts'
import { type ContextBudget, Window } from './contexts.ts'
import type { DeflateEngine } from './deflate-engine.ts'
import type { DeflateSettings } from './deflate-options.ts'
import type { Prepared } from './prepared.ts'

/** Messages above this many bytes go to the system's threads; below, going there costs more than it saves. */
const LATER = 65_536

/** What a compression is made of. */
export interface CompressionParts {
  readonly engine: DeflateEngine
  readonly role: Role
  readonly params: DeflateParams
  readonly settings: DeflateSettings
  /** Bytes that a message may have when it is inflated. */
  readonly maxMessage: number
  readonly budget: ContextBudget
}

export class Compression {
  readonly #engine: DeflateEngine
  readonly #settings: DeflateSettings
  readonly #maxMessage: number
  readonly #budget: ContextBudget
  readonly #out: Window
  readonly #in: Window

  constructor({ engine, role, params, settings, maxMessage, budget }: CompressionParts) {
    this.#engine = engine
    this.#settings = settings
    this.#maxMessage = maxMessage
    this.#budget = budget
    const server = new Window(params.serverMaxWindowBits, !params.serverNoContextTakeover, budget)
    const client = new Window(params.clientMaxWindowBits, !params.clientNoContextTakeover, budget)
    this.#out = role === 'server' ? server : client
    this.#in = role === 'server' ? client : server
  }

  /** True when a message of this size is worth it. */
  wants(size: number): boolean {
    return size >= this.#settings.threshold
  }

  /** True when a message of this size is deflated in the system's threads. */
  isLater(size: number): boolean {
    return this.wants(size) && size > LATER
  }

  /** The payload of a message for RSV1; undefined when it would not be smaller. */
  deflate(data: Uint8Array): Uint8Array | undefined {
    return this.#smaller(data, this.#engine.deflate(data, this.#out.call, this.#settings.level))
  }

  async deflateLater(data: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#smaller(data, await this.#engine.deflateLater(data, this.#out.call, this.#settings.level))
  }

  /** The frame of a message for many: compressed once for each size of window, and without what went before. */
  frameOf(prepared: Prepared): Uint8Array {
    const { content } = prepared
    if (!this.wants(content.length)) return prepared.frame
    const call = { windowBits: this.#out.bits, dictionary: undefined }
    const frame = prepared.deflated(this.#out.bits, data => {
      const deflated = this.#engine.deflate(data, call, this.#settings.level)
      return deflated.length < data.length ? deflated : undefined
    })
    if (frame !== prepared.frame) this.#out.remember(content)
    return frame
  }

  #smaller(data: Uint8Array, deflated: Uint8Array): Uint8Array | undefined {
    if (deflated.length >= data.length) return undefined
    this.#out.remember(data)
    return deflated
  }

  /** True when a payload of this size is inflated in the system's threads. */
  inflatesLater(size: number): boolean {
    return size > LATER / 4
  }

  /** The message of a payload that came with RSV1; throws as `DeflateEngine.inflate` does. */
  inflate(payload: Uint8Array): Uint8Array {
    return this.#remembered(this.#engine.inflate(payload, this.#in.call, this.#maxMessage))
  }

  async inflateLater(payload: Uint8Array): Promise<Uint8Array> {
    return this.#remembered(await this.#engine.inflateLater(payload, this.#in.call, this.#maxMessage))
  }

  /** What the peer may refer to cannot be forgotten: without memory for it, the line has to go. */
  #remembered(data: Uint8Array): Uint8Array {
    if (this.#in.remember(data)) return data
    const limit = { option: 'deflateBudget', value: this.#budget.limit }
    throw new LimitError('no memory is left for what compression remembers', limit, CloseCode.tryAgainLater)
  }

  /** The connection is over. */
  release(): void {
    this.#out.forget()
    this.#in.forget()
  }
}
