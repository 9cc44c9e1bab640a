/** Reads what the peer sends, after the standard alone, and notes every fault of it. RFC 6455 §5 and §7 */
import { isUtf8 } from 'node:buffer'
import { Bytes } from './bytes.ts'
import { type Inflater, TAIL } from './deflate.ts'
import { OPCODES, turned } from './frame.ts'

/** What a frame or message of the peer was. */
export type Seen =
  | { readonly kind: 'text' | 'binary'; readonly data: Buffer; readonly compressed: boolean; readonly frames: number }
  | { readonly kind: 'ping' | 'pong'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number | 'none'; readonly reason: string }

export interface ReaderOptions {
  /** Whether the peer has to mask, as a client does. §5.1 */
  readonly masked: boolean
  /** What was negotiated for its direction, if anything. */
  readonly inflater?: Inflater | undefined
  readonly seen: (event: Seen) => void
  /** A MUST that the peer breaks: the clause, and what it did. */
  readonly fault: (text: string) => void
}

interface Header {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly length: number
  readonly size: number
}

interface Started {
  readonly kind: 'text' | 'binary'
  readonly compressed: boolean
  readonly fragments: Buffer[]
}

/** More than any case asks for, in one frame and in all, so that a peer without end fills nobody's memory. */
const MAX_FRAME = 67_108_864
const MAX_KEPT = 268_435_456
/** What a frame costs beside its payload. */
const OVERHEAD = 128

export class Reader {
  readonly #options: ReaderOptions
  #bytes = new Bytes()
  #payloads = 0
  #over = false
  #started: Started | undefined
  #closed = false
  #key = 0
  #repeated = 0

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** Bytes that are held, those that were told of among them. */
  get kept(): number {
    return this.#bytes.length + this.#payloads
  }

  push(chunk: Buffer): void {
    if (this.#over) return
    this.#bytes.push(chunk)
    for (;;) {
      const header = this.#header()
      if (header !== undefined && this.#isTooMuch(header)) return
      if (header === undefined || this.#bytes.length < header.size + header.length) return
      const key = this.#bytes.take(header.size).subarray(header.masked ? -4 : header.size)
      const payload = this.#bytes.take(header.length)
      this.#payloads += header.length + OVERHEAD
      if (header.masked && header.length > 0) this.#isDrawn(key.readUInt32BE(0))
      this.#frame(header, header.masked ? turned(payload, key) : Buffer.from(payload))
    }
  }

  /** A key that comes three times in a row was not drawn by chance. §5.3 */
  #isDrawn(key: number): void {
    this.#repeated = key === this.#key ? this.#repeated + 1 : 1
    this.#key = key
    if (this.#repeated === 3) this.#options.fault('§5.3: masks three frames in a row with the same key')
  }

  /** Nothing is read any more from a peer that sends what no case asks for. */
  #isTooMuch({ length }: Header): boolean {
    if (length <= MAX_FRAME && this.#payloads + length + OVERHEAD <= MAX_KEPT) return false
    this.#options.fault(`sends more than any case asks for: a frame of ${length} bytes after ${this.#payloads}`)
    this.#over = true
    this.#bytes = new Bytes()
    return true
  }

  /** The TCP connection has ended. */
  end(): void {
    if (this.#bytes.length > 0) this.#options.fault(`§5.2: ends ${this.#bytes.length} bytes into a frame`)
  }

  #header(): Header | undefined {
    if (this.#bytes.length < 2) return undefined
    const [first = 0, second = 0] = this.#bytes.peek(2)
    const short = second & 0x7f
    const size = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
    if (this.#bytes.length < size) return undefined
    const head = this.#bytes.peek(size)
    const length = short === 126 ? head.readUInt16BE(2) : short === 127 ? Number(head.readBigUInt64BE(2)) : short
    const masked = (second & 0x80) !== 0
    return {
      fin: (first & 0x80) !== 0,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked,
      length,
      size: size + (masked ? 4 : 0),
    }
  }

  #frame(header: Header, payload: Buffer): void {
    this.#check(header)
    if (header.opcode >= OPCODES.close) this.#control(header.opcode, payload)
    else this.#data(header, payload)
  }

  #check({ fin, rsv, opcode, masked, length, size }: Header): void {
    const { fault, inflater } = this.#options
    const least = length < 126 ? 2 : length < 65_536 ? 4 : 10
    const control = opcode >= OPCODES.close
    const mayCompress = inflater !== undefined && (opcode === OPCODES.text || opcode === OPCODES.binary)
    if (this.#closed) fault('§5.5.1: sends a frame after its Close frame')
    if (masked !== this.#options.masked) fault(`§5.1: sends a frame that is ${masked ? '' : 'not '}masked`)
    if (size - (masked ? 4 : 0) > least) fault('§5.2: a length is not in the fewest bytes')
    if (rsv & ~(mayCompress ? 4 : 0)) fault(`§5.2: sends reserved bits (${rsv.toString(2).padStart(3, '0')})`)
    if (!Object.values<number>(OPCODES).includes(opcode)) fault(`§5.2: sends opcode ${opcode}`)
    if (control && !fin) fault('§5.5: sends a control frame in fragments')
    if (control && length > 125) fault(`§5.5: sends a control frame of ${length} bytes`)
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === OPCODES.close) this.#close(payload)
    else if (opcode === OPCODES.ping) this.#options.seen({ kind: 'ping', data: payload })
    else if (opcode === OPCODES.pong) this.#options.seen({ kind: 'pong', data: payload })
  }

  #close(payload: Buffer): void {
    const { fault, seen } = this.#options
    this.#closed = true
    const code = payload.length < 2 ? 'none' : payload.readUInt16BE(0)
    const reason = payload.subarray(2)
    if (payload.length === 1) fault('§5.5.1: sends a Close frame of one byte')
    if (code !== 'none' && !maySend(code)) fault(`§7.4: sends close code ${code}`)
    if (!isUtf8(reason)) fault('§5.5.1: sends a reason that is not UTF-8')
    seen({ kind: 'close', code, reason: reason.toString() })
  }

  #data({ fin, rsv, opcode }: Header, payload: Buffer): void {
    const { fault } = this.#options
    if (opcode === OPCODES.text || opcode === OPCODES.binary) {
      if (this.#started) fault('§5.4: begins a message within another')
      this.#started = { kind: opcode === OPCODES.text ? 'text' : 'binary', compressed: (rsv & 4) !== 0, fragments: [] }
    } else if (opcode !== OPCODES.continuation) return
    if (this.#started === undefined) fault('§5.4: continues a message that was not begun')
    this.#started?.fragments.push(payload)
    if (fin && this.#started) this.#message(this.#started)
  }

  #message({ kind, compressed, fragments }: Started): void {
    this.#started = undefined
    const payload = fragments.length === 1 ? (fragments[0] as Buffer) : Buffer.concat(fragments)
    if (compressed && payload.subarray(-4).equals(TAIL))
      this.#options.fault('RFC 7692 §7.2.1: leaves 00 00 ff ff at the end')
    const data = compressed ? this.#inflated(payload) : payload
    if (data === undefined) return
    if (kind === 'text' && !isUtf8(data)) this.#options.fault('§5.6: sends text that is not UTF-8')
    this.#options.seen({ kind, data, compressed, frames: fragments.length })
  }

  #inflated(payload: Buffer): Buffer | undefined {
    try {
      return this.#options.inflater?.decompress(payload) ?? payload
    } catch (error) {
      this.#options.fault(`RFC 7692 §7.2.2: a message does not inflate (${(error as Error).message})`)
      return undefined
    }
  }
}

/** §7.4.1, §7.4.2: of the codes that nobody has defined it says nothing. */
const maySend = (code: number): boolean => code >= 1000 && ![1004, 1005, 1006, 1015].includes(code)
