/** One connection's compression: what is agreed, what is remembered between messages, and what is done at once or later. RFC 7692 §7.2 */
import type { DeflateParams } from '../protocol/deflate.ts'
import type { Role } from '../protocol/opcode.ts'
import type { ContextBudget } from './contexts.ts'
import type { DeflateEngine, DeflateForm, Deflater, InflateForm } from './deflate-engine.ts'
import type { DeflateSettings } from './deflate-options.ts'
import { Prepared } from './prepared.ts'
import { Window } from './window.ts'

/** Messages above this many bytes are deflated by the system's threads; below, going there costs more than it saves. */
const DEFLATE_LATER = 32_768
/** Payloads above this many bytes are inflated there. */
const INFLATE_LATER = 16_384

/** What all connections of a route, or of a client, have in common. */
export interface CompressionTerms {
  readonly engine: DeflateEngine
  readonly settings: DeflateSettings
  /** Bytes that a message may have when it is inflated. */
  readonly maxMessage: number
  readonly budget: ContextBudget
}

export class Compression {
  readonly #terms: CompressionTerms
  readonly #form: DeflateForm
  /** True when what we send may refer to what we sent before. */
  readonly #takeover: boolean
  /** True when our deflater remembers what the peer does not have. */
  #stale = false
  readonly #inBits: number
  /** What the peer may refer to; undefined when it may not. */
  readonly #window: Window | undefined

  constructor(terms: CompressionTerms, role: Role, params: DeflateParams) {
    const ofServer = { bits: params.serverMaxWindowBits, takeover: !params.serverNoContextTakeover }
    const ofClient = { bits: params.clientMaxWindowBits, takeover: !params.clientNoContextTakeover }
    const [ours, theirs] = role === 'server' ? [ofServer, ofClient] : [ofClient, ofServer]
    this.#terms = terms
    this.#form = formOf(ours.bits, terms.settings.level)
    // The smallest window is served by runs, which have no use for what went before.
    this.#takeover = ours.takeover && ours.bits > 8
    this.#inBits = theirs.bits
    this.#window = theirs.takeover ? new Window(theirs.bits) : undefined
  }

  /** The connection begins. */
  reserve(): void {
    if (this.#window !== undefined) this.#terms.budget.reserve(2 ** this.#inBits)
  }

  /** The connection is over. Called once. */
  release(): void {
    if (this.#window !== undefined) this.#terms.budget.reserve(-(2 ** this.#inBits))
    this.#terms.budget.forget(this)
  }

  /** True when a message of this size is worth it. */
  wants(size: number): boolean {
    return size >= this.#terms.settings.threshold
  }

  /** True when a message is deflated in the system's threads. */
  isLater(content: string | Uint8Array | Prepared): boolean {
    if (!(content instanceof Prepared)) return content.length > DEFLATE_LATER && this.wants(content.length)
    return this.isLater(content.content) && content.deflated(this.#form.windowBits) === undefined
  }

  /** The payload of a message for RSV1, lent until the next call; undefined when it would not be smaller. */
  deflate(data: string | Uint8Array): Uint8Array | undefined {
    const { engine } = this.#terms
    const deflater = this.#takeover ? this.#deflater() : undefined
    return deflater === undefined ? engine.deflate(data, this.#form) : deflater.deflate(data)
  }

  #deflater(): Deflater | undefined {
    const { engine, budget } = this.#terms
    const deflater = budget.deflaterOf(this, engine.deflaterSize(this.#form), () => engine.deflater(this.#form))
    if (this.#stale) deflater?.reset()
    this.#stale = false
    return deflater
  }

  /** As `deflate`, by a thread; it refers to nothing that went before. */
  async deflateLater(data: string | Uint8Array): Promise<Uint8Array | undefined> {
    const payload = await this.#terms.engine.deflateLater(data, this.#form)
    this.#stale ||= payload !== undefined
    return payload
  }

  /** The frame of a message for many: compressed once for each size of window, and without what went before. */
  frameOf(prepared: Prepared): Uint8Array {
    if (!this.wants(prepared.content.length)) return prepared.frame
    const { windowBits } = this.#form
    const deflate = (content: Uint8Array): Uint8Array | undefined => this.#terms.engine.deflate(content, this.#form)
    const frame = prepared.deflated(windowBits) ?? prepared.deflate(windowBits, deflate)
    this.#stale ||= frame !== prepared.frame
    return frame
  }

  /** Has that frame made by a thread. */
  async prepareLater(prepared: Prepared): Promise<void> {
    await prepared.deflateLater(this.#form.windowBits, content => this.#terms.engine.deflateLater(content, this.#form))
  }

  /** True when a payload of this size is inflated in the system's threads. */
  inflatesLater(size: number): boolean {
    return size > INFLATE_LATER
  }

  /** The message of a payload that came with RSV1, lent until the next call; throws as `DeflateEngine.inflate` does. */
  inflate(payload: Uint8Array): Uint8Array {
    const { engine, maxMessage } = this.#terms
    return this.#inflated(payload.length, engine.inflate(payload, this.#inflateForm, maxMessage))
  }

  async inflateLater(payload: Uint8Array): Promise<Uint8Array> {
    const { engine, maxMessage } = this.#terms
    return this.#inflated(payload.length, await engine.inflateLater(payload, this.#inflateForm, maxMessage))
  }

  get #inflateForm(): InflateForm {
    return { windowBits: this.#inBits, history: this.#window?.pieces ?? NO_HISTORY }
  }

  /** A message of so many bytes goes with so many on the wire. */
  deflated(plain: number, wire: number): void {
    const { sent } = this.#terms.budget
    sent.plain += plain
    sent.wire += wire
  }

  #inflated(wire: number, data: Uint8Array): Uint8Array {
    const { received } = this.#terms.budget
    received.plain += data.length
    received.wire += wire
    this.#window?.remember(data)
    return data
  }
}

const NO_HISTORY: readonly Uint8Array[] = []
const FORMS = new Map<number, DeflateForm>()

/** The same object for the same form: there are few of them, and many connections. */
function formOf(windowBits: number, level: number): DeflateForm {
  const key = windowBits * 10 + level
  const form = FORMS.get(key) ?? { windowBits, level }
  FORMS.set(key, form)
  return form
}
