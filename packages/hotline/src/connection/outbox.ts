/** What is sent, in the order of the calls: at once as a rule, and behind a Blob or parts while those are still read. */
import { UsageError } from '../errors.ts'
import { CloseCode } from '../protocol/close.ts'
import { Opcode } from '../protocol/opcode.ts'
import { portableCodec } from '../protocol/text.ts'
import { toBytes } from './bytes.ts'
import type { Connection } from './connection.ts'
import { rejected } from './deferred.ts'
import { Prepared } from './prepared.ts'

/** A message whose size is not known yet: its parts become the fragments of one message. RFC 6455 §5.4 */
export type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** A message in the forms that are left when the border of the API has looked at it. */
export type Content = string | Uint8Array | Prepared | Blob | Parts

/**
 * What `send` was given, with all forms of bytes made one.
 *
 * @throws UsageError for what is no message
 */
export function toContent(data: unknown): Content {
  if (typeof data === 'string' || data instanceof Prepared) return data
  return toBytes(data) ?? (data as Content)
}

/** A message that can be sent as it is. */
type Whole = string | Uint8Array | Prepared

const isWhole = (content: Content): content is Whole =>
  typeof content === 'string' || content instanceof Uint8Array || content instanceof Prepared

export class Outbox {
  readonly #connection: Connection
  /** The end of what has to be sent before anything else; undefined when nothing has. */
  #turn: Promise<void> | undefined
  #waitingBytes = 0
  #closing = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** True while something can be sent. */
  get isOpen(): boolean {
    return !this.#closing && this.#connection.isOpen
  }

  /** Bytes of application data that wait for their turn, as far as their number is known. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Bytes are taken as they are now. Resolves as `Connection.send` does. */
  send(content: Content, compress = true): Promise<void> {
    if (this.#closing) return rejected(this.#connection.closedError())
    if (this.#turn === undefined && isWhole(content)) {
      const later = compress && this.#connection.sendsLater(content)
      if (!later) return this.#sendWhole(content, compress)
    }
    return this.#sendInTurn(content, compress)
  }

  #sendWhole(content: Whole, compress: boolean): Promise<void> {
    return content instanceof Prepared
      ? this.#connection.sendPrepared(content, compress)
      : this.#connection.send(content, compress)
  }

  /** Begins the closing handshake, behind all that was sent before. */
  close(code: number, reason: string): void {
    if (this.#turn === undefined) this.#connection.close(code, reason)
    else if (!this.#closing) this.#connection.closeAfter(this.#turn, code, reason)
    this.#closing = true
  }

  #sendInTurn(content: Content, compress: boolean): Promise<void> {
    const size = sizeOf(content)
    const refusal = this.#connection.refusal(this.#waitingBytes, size)
    if (refusal !== undefined) return rejected(refusal)
    this.#waitingBytes += size
    const kept = content instanceof Uint8Array ? new Uint8Array(content) : content
    const sent = this.#sendAfter(this.#turn, kept, compress)
    const turn: Promise<void> = sent
      .catch(() => {})
      .then(() => {
        this.#waitingBytes -= size
        if (this.#turn === turn) this.#turn = undefined
      })
    this.#turn = turn
    return sent
  }

  async #sendAfter(before: Promise<void> | undefined, content: Content, compress: boolean): Promise<void> {
    await before
    const whole = content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content
    if (!isWhole(whole)) return this.#sendParts(whole)
    const later = compress && this.#connection.sendsLater(whole)
    if (!later) return this.#sendWhole(whole, compress)
    return whole instanceof Prepared ? this.#connection.sendPreparedLater(whole) : this.#connection.sendLater(whole)
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
        await this.#connection.sendFragment(half === '' ? held : held.slice(0, -1), opcode as Opcode, false)
        opcode = Opcode.continuation
        held = half === '' ? part : half + part
      }
    } catch (error) {
      if (opcode === Opcode.continuation) this.#connection.close(CloseCode.internalError, 'a message broke off')
      throw error
    }
    if (held !== undefined) await this.#connection.sendFragment(held, opcode as Opcode, true)
  }
}

function sizeOf(content: Content): number {
  if (typeof content === 'string') return portableCodec.byteLength(content)
  if (content instanceof Blob) return content.size
  if (content instanceof Prepared) return content.content.length
  return content instanceof Uint8Array ? content.length : 0
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
