/** What cannot be sent at once, in the order of the calls: a Blob and parts while they are read, what a thread compresses, and all behind them. */
import { UsageError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import { Opcode } from '../protocol/opcode.ts'
import { toBytes } from './bytes.ts'
import { type Content, isWhole, type Parts, type Whole } from './content.ts'

/** What turns need of the sender that they belong to. */
export interface TurnOwner {
  /** True for a message so big that compressing it would hold up everybody else. */
  isLater(content: Whole, compress: boolean): boolean
  sendWhole(content: Whole, compress: boolean): Promise<void>
  /** Sends a message that a thread compresses. Nothing else is sent until it has resolved. */
  sendLater(content: Whole): Promise<void>
  /** Sends a fragment of a message. RFC 6455 §5.4 */
  sendFragment(data: string | Uint8Array, opcode: Opcode, final: boolean): Promise<void>
  /** A message cannot be finished: neither can the line go on. */
  breakOff(code: number, reason: string): void
}

export class Turns {
  readonly #sender: TurnOwner
  /** The end of the last one. */
  #last: Promise<void> | undefined
  /** Bytes of application data that wait for their turn, as far as their number is known. */
  bytes = 0
  /** True while a message has been sent in part: no other may come between. RFC 6455 §5.4 */
  partial = false

  constructor(sender: TurnOwner) {
    this.#sender = sender
  }

  /** Fulfilled when all has been sent; undefined when it has. */
  get last(): Promise<void> | undefined {
    return this.#last
  }

  /** Sends a message when it is its turn; bytes are taken as they are now. `done` when nothing waits any more. */
  add(content: Content, { size, compress }: { size: number; compress: boolean }, done: () => void): Promise<void> {
    this.bytes += size
    const kept = content instanceof Uint8Array ? new Uint8Array(content) : content
    const sent = this.#sendAfter(this.#last, kept, compress).finally(() => {
      // Before whoever awaits it sends the next one.
      this.bytes -= size
    })
    const turn: Promise<void> = sent
      .catch(() => {})
      .then(() => {
        if (this.#last !== turn) return
        this.#last = undefined
        done()
      })
    this.#last = turn
    return sent
  }

  async #sendAfter(before: Promise<void> | undefined, content: Content, compress: boolean): Promise<void> {
    await before
    const whole = content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content
    if (!isWhole(whole)) return this.#sendParts(whole)
    return this.#sender.isLater(whole, compress)
      ? this.#sender.sendLater(whole)
      : this.#sender.sendWhole(whole, compress)
  }

  /** One fragment for each part; the last one is known when the next does not come. RFC 6455 §5.4 */
  async #sendParts(parts: Parts): Promise<void> {
    let opcode: Opcode | undefined
    let held: string | Uint8Array | undefined
    try {
      for await (const given of parts) {
        const part = toPart(given, held)
        if (held === undefined) {
          opcode = typeof part === 'string' ? Opcode.text : Opcode.binary
          held = part
          continue
        }
        const half = typeof held === 'string' ? halfCharacter(held) : ''
        this.partial = true
        await this.#sender.sendFragment(half === '' ? held : held.slice(0, -1), opcode as Opcode, false)
        opcode = Opcode.continuation
        held = half === '' ? part : half + part
      }
    } catch (error) {
      if (opcode === Opcode.continuation) this.#sender.breakOff(CloseCode.internalError, 'a message broke off')
      throw error
    }
    if (held === undefined) return
    const sent = this.#sender.sendFragment(held, opcode as Opcode, true)
    this.partial = false
    await sent
  }
}

/** A part of a message of the same kind as the one before, kept as it is now: its source may use the bytes again. */
function toPart(given: unknown, before: string | Uint8Array | undefined): string | Uint8Array {
  const part = typeof given === 'string' ? given : toBytes(given)
  if (part === undefined) throw new UsageError('a part of a message is a string or bytes', 'data')
  if (before !== undefined && typeof part !== typeof before) {
    throw new UsageError('the parts of a message must be all text or all bytes', 'data')
  }
  return typeof part === 'string' ? part : new Uint8Array(part)
}

/** The first half of a character at the end of a text, whose other half begins the next part. */
const halfCharacter = (text: string): string => /[\ud800-\udbff]?$/.exec(text)?.[0] ?? ''
