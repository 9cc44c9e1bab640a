/**
 * Raw DEFLATE by the documented functions of node:zlib, one call for each message: what large messages go by, and small
 * ones where the handles of zlib (`zlib-handles.ts`) are not to be had. RFC 7692 §7.2
 */
import { promisify } from 'node:util'
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib'
import type { DeflateEngine, DeflateForm, Deflater, InflateForm } from '../../connection/deflate-engine.ts'
import { Window } from '../../connection/window.ts'
import { LimitError, ProtocolError } from '../../errors.ts'
import { inThread } from './threads.ts'

/** The end of an empty stored block: left out on the wire, put back to read. RFC 7692 §7.2.1 */
export const TAIL: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
/** What a payload is read with: its tail, and a last block, which is only seen as one when the payload was whole. */
export const END: Uint8Array = Uint8Array.of(...TAIL, 0x01, 0x00, 0x00, 0xff, 0xff)

const { Z_SYNC_FLUSH, Z_DEFAULT_STRATEGY, Z_RLE } = constants

const deflateInThread = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw)
const inflateInThread = promisify(
  inflateRaw as unknown as (bytes: Uint8Array, options: ZlibOptions, done: Done) => void,
)

type Done = (error: Error | null, inflated: Inflated) => void

/** What zlib gives for the option `info`. */
interface Inflated {
  readonly buffer: Buffer
  /** `bytesWritten` are the bytes that were read. */
  readonly engine: { readonly bytesWritten: number }
}

/**
 * zlib makes a window of 8 bits into one of 9, which a peer with 8 could not read. Runs of one byte look back by one
 * only, so that they fit into any window.
 */
export function deflateOptions({ windowBits, level }: DeflateForm): ZlibOptions {
  const tiny = windowBits === 8
  const strategy = tiny ? Z_RLE : Z_DEFAULT_STRATEGY
  return { windowBits: tiny ? 9 : windowBits, strategy, level, finishFlush: Z_SYNC_FLUSH }
}

function inflateOptions({ windowBits, history }: InflateForm, limit: number): ZlibOptions {
  const options = { windowBits, maxOutputLength: limit, info: true }
  return history.length === 0 ? options : { ...options, dictionary: Buffer.concat(history) }
}

const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data)

/** The payload that zlib's output makes, when it is smaller than the message. */
function payloadOf(deflated: Uint8Array, message: Uint8Array): Uint8Array | undefined {
  const size = deflated.length - TAIL.length
  return size < message.length ? deflated.subarray(0, size) : undefined
}

/** What came of a payload; a message may end its DEFLATE stream, and then has one byte more. RFC 7692 §7.2.3.4 */
function messageOf({ buffer, engine }: Inflated, payload: Uint8Array): Uint8Array {
  const read = engine.bytesWritten
  const whole = read === payload.length || read === payload.length + END.length || endsStream(payload, read)
  if (!whole) throw notDeflate()
  return buffer
}

/** The output of what is read without its tail, as far as it goes: where there is less, the tail was taken for content. */
const withoutTail = (options: ZlibOptions): ZlibOptions => ({ ...options, finishFlush: Z_SYNC_FLUSH })

/** A block that lacks just the four bytes of the tail takes them for its own, and so its message ends with them. */
const endsAsTail = (message: Uint8Array): boolean =>
  message.length >= TAIL.length && TAIL.every((byte, i) => message[message.length - TAIL.length + i] === byte)

function sameSize(message: Uint8Array, other: Uint8Array): Uint8Array {
  if (other.length < message.length) throw notDeflate()
  return message
}

/** True when a payload whose stream has ended after so many bytes goes on as it may. RFC 7692 §7.2.3.4 */
export const endsStream = (payload: Uint8Array, read: number): boolean =>
  read === payload.length - 1 && payload[read] === 0

export const notDeflate = (): ProtocolError => new ProtocolError('compressed data is not valid', 1007)

export const tooBig = (limit: number): LimitError =>
  new LimitError('message too big', { option: 'maxMessage', value: limit }, 1009)

/** What a peer's bytes did to zlib, as an error of the protocol. */
const explain = (error: unknown, limit: number): Error =>
  (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooBig(limit) : notDeflate()

const EMPTY = new Uint8Array(0)

/** What is being deflated since last: who sends the same text to many sends it to all of them in one go. */
let latest:
  | {
      readonly data: string | Uint8Array
      readonly form: DeflateForm
      readonly payload: Promise<Uint8Array | undefined>
    }
  | undefined

/** Zlib's streams for each message; what a line has sent is a dictionary for its next one. */
class DictionaryDeflater implements Deflater {
  readonly #options: ZlibOptions
  readonly #bits: number
  #window: Window

  constructor(form: DeflateForm) {
    this.#options = deflateOptions(form)
    this.#bits = form.windowBits
    this.#window = new Window(form.windowBits)
  }

  deflate(data: string | Uint8Array): Uint8Array | undefined {
    const bytes = bytesOf(data)
    const { pieces } = this.#window
    const options = pieces.length === 0 ? this.#options : { ...this.#options, dictionary: Buffer.concat(pieces) }
    const payload = payloadOf(deflateRawSync(bytes, options), bytes)
    if (payload === undefined) this.reset()
    else this.#window.remember(bytes)
    return payload
  }

  reset(): void {
    this.#window = new Window(this.#bits)
  }

  close(): void {
    this.reset()
  }
}

export const publicDeflate: DeflateEngine = {
  deflate(data, form) {
    const bytes = bytesOf(data)
    return payloadOf(deflateRawSync(bytes, deflateOptions(form)), bytes)
  },

  deflateLater(data, form) {
    if (latest !== undefined && latest.data === data && latest.form === form) return latest.payload
    const payload = inThread(async () => {
      const bytes = bytesOf(data)
      return payloadOf(await deflateInThread(bytes, deflateOptions(form)), bytes)
    })
    const own = { data, form, payload }
    const done = (): void => {
      if (latest === own) latest = undefined
    }
    latest = own
    payload.then(done, done)
    return payload
  },

  deflater: form => new DictionaryDeflater(form),

  deflaterSize: ({ windowBits }) => 2 ** windowBits,

  inflate(payload, form, limit) {
    if (payload.length === 0) return EMPTY
    try {
      const options = inflateOptions(form, limit)
      const inflated = inflateRawSync(Buffer.concat([payload, END]), options)
      const message = messageOf(inflated as unknown as Inflated, payload)
      if (!endsAsTail(message)) return message
      const { buffer } = inflateRawSync(payload, withoutTail(options)) as unknown as Inflated
      return sameSize(message, buffer)
    } catch (error) {
      throw explain(error, limit)
    }
  },

  async inflateLater(payload, form, limit) {
    try {
      const options = inflateOptions(form, limit)
      const inflated = await inThread(() => inflateInThread(Buffer.concat([payload, END]), options))
      const message = messageOf(inflated, payload)
      if (!endsAsTail(message)) return message
      const { buffer } = await inThread(() => inflateInThread(payload, withoutTail(options)))
      return sameSize(message, buffer)
    } catch (error) {
      throw explain(error, limit)
    }
  },
}
