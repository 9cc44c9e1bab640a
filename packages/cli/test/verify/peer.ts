/** An endpoint that echoes and keeps to the standard, or breaks it in exactly one way, which is its fault. */
import { isUtf8 } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Codec, type CodecFault, TooLarge } from './codec.ts'

export type Fault =
  | CodecFault
  | 'ignores the limit'
  | 'takes frames that are wrongly masked'
  | 'masks its own frames wrongly'
  | 'masks each frame with the same key'
  | 'takes text that is not UTF-8'
  | 'checks the UTF-8 of each fragment'
  | 'takes reserved bits'
  | 'takes reserved opcodes'
  | 'takes control frames of any length'
  | 'takes control frames in fragments'
  | 'takes a message within a message'
  | 'takes a continuation of nothing'
  | 'takes any close code'
  | 'takes a Close frame of one byte'
  | 'takes reasons that are not UTF-8'
  | 'takes lengths with the highest bit'
  | 'answers an empty Close frame with 1005'
  | 'answers a Close frame with 1006'
  | 'never answers a Close frame'
  | 'answers what comes behind a Close frame'
  | 'keeps the connection after the closing handshake'
  | 'sends Pongs in fragments'
  | 'answers Pings with another payload'
  | 'answers no Pings'
  | 'answers Pongs'
  | 'cuts messages at 125 bytes'
  | 'sends lengths in too many bytes'
  | 'echoes bytes as text'
  | 'sends reserved bits'
  | 'reads one frame of each chunk'
  | 'needs whole frames'
  | 'echoes nothing'
  | 'drops the line at a Ping'
  | 'drops what comes with the handshake'
  | 'forgets the end of a message in fragments'
  | 'ends the line without a Close frame in mid-frame'

interface Header {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly length: bigint
  readonly size: number
}

class Violation extends Error {
  readonly code: number

  constructor(code: number) {
    super(`close with ${code}`)
    this.code = code
  }
}

export class Peer {
  readonly #socket: Socket
  readonly #server: boolean
  readonly #fault: string | undefined
  #bytes: Buffer = Buffer.alloc(0)
  readonly #codec: Codec | undefined
  #message: { opcode: number; compressed: boolean; parts: Buffer[] } | undefined
  #closed = false

  constructor(socket: Socket, role: 'server' | 'client', fault: string | undefined, codec?: Codec) {
    this.#codec = codec
    this.#socket = socket
    this.#server = role === 'server'
    this.#fault = fault
    socket.on('data', chunk => this.read(chunk))
  }

  #has(fault: Fault): boolean {
    return this.#fault === fault
  }

  read(chunk: Buffer): void {
    this.#bytes = this.#has('needs whole frames') ? chunk : Buffer.concat([this.#bytes, chunk])
    try {
      while (this.#frame()) {
        if (this.#has('reads one frame of each chunk')) this.#bytes = Buffer.alloc(0)
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      if (error.code !== 1009 || !this.#has('says nothing at a bomb')) this.#close(error.code)
    }
  }

  #frame(): boolean {
    if (this.#closed && !this.#has('answers what comes behind a Close frame')) return false
    const header = this.#header()
    if (header === undefined) return false
    this.#check(header)
    const end = header.size + Number(header.length)
    if (this.#bytes.length < end) return false
    const payload = Buffer.from(this.#bytes.subarray(header.size, end))
    const key = this.#bytes.subarray(header.size - 4, header.size)
    if (header.masked) for (let index = 0; index < payload.length; index++) payload[index]! ^= key[index & 3]!
    this.#bytes = this.#bytes.subarray(end)
    if (header.opcode < 8) this.#data(header, payload)
    else this.#control(header.opcode, payload)
    return true
  }

  #header(): Header | undefined {
    const bytes = this.#bytes
    if (bytes.length < 2) return undefined
    const short = bytes[1]! & 127
    const masked = bytes[1]! > 127
    const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
    const size = head + (masked ? 4 : 0)
    if (bytes.length < size) return undefined
    const length =
      short === 126 ? BigInt(bytes.readUInt16BE(2)) : short === 127 ? bytes.readBigUInt64BE(2) : BigInt(short)
    if ((short === 126 && length < 126n) || (short === 127 && length < 65_536n)) throw new Violation(1002)
    return { fin: bytes[0]! > 127, rsv: (bytes[0]! >> 4) & 7, opcode: bytes[0]! & 15, masked, length, size }
  }

  #check({ fin, rsv, opcode, masked, length }: Header): void {
    const violates = (holds: boolean, fault: Fault, code = 1002): void => {
      if (holds && !this.#has(fault)) throw new Violation(code)
    }
    const control = opcode >= 8
    violates(masked !== this.#server, 'takes frames that are wrongly masked')
    const may = this.#codec === undefined ? 0 : opcode === 1 || opcode === 2 ? 4 : 0
    const where: Fault = control ? 'takes RSV1 on control frames' : 'takes RSV1 on a continuation'
    violates((rsv & ~may) !== 0 && !(rsv === 4 && this.#has(where)), 'takes reserved bits')
    violates(![0, 1, 2, 8, 9, 10].includes(opcode), 'takes reserved opcodes')
    violates(control && !fin, 'takes control frames in fragments')
    violates(control && length > 125n, 'takes control frames of any length')
    violates(length > 2n ** 30n && !this.#has('ignores the limit'), 'takes lengths with the highest bit', 1009)
    if (opcode === 0) violates(this.#message === undefined, 'takes a continuation of nothing')
    if (opcode === 1 || opcode === 2) violates(this.#message !== undefined, 'takes a message within a message')
  }

  #data({ fin, rsv, opcode }: Header, payload: Buffer): void {
    if (opcode > 2) return
    this.#message ??= { opcode: opcode || 1, compressed: (rsv & 4) !== 0 && this.#codec !== undefined, parts: [] }
    const { parts, opcode: type, compressed } = this.#message
    const alone = compressed && this.#has('inflates each fragment on its own')
    parts.push(alone ? this.#inflated(payload) : payload)
    const text = type === 1
    if (text && this.#has('checks the UTF-8 of each fragment') && !isUtf8(payload)) throw new Violation(1007)
    if (!fin) return
    if (this.#has('forgets the end of a message in fragments') && parts.length > 1) parts.pop()
    const whole = Buffer.concat(parts)
    const data = compressed && !alone ? this.#inflated(whole) : whole
    if (!compressed) this.#codec?.plain(data)
    this.#message = undefined
    const unchecked = compressed && this.#has('checks no UTF-8 behind compression')
    if (text && !isUtf8(data) && !this.#has('takes text that is not UTF-8') && !unchecked) throw new Violation(1007)
    if (this.#has('echoes nothing') || (data.length === 0 && this.#has('loses empty messages'))) return
    this.#echo(
      this.#has('echoes bytes as text') ? 1 : type,
      this.#has('cuts messages at 125 bytes') ? data.subarray(0, 125) : data,
    )
  }

  #inflated(payload: Buffer): Buffer {
    try {
      return this.#codec?.inflate(payload) ?? payload
    } catch (error) {
      throw new Violation(error instanceof TooLarge ? 1009 : 1007)
    }
  }

  #echo(type: number, data: Buffer): void {
    if (this.#has('compresses though nothing was agreed')) this.#send(type, data, true, 4)
    else if (this.#codec === undefined) this.#send(type, data)
    else if (this.#has('marks what it does not compress')) this.#send(type, data, true, 4)
    else if (this.#has('sets RSV1 on each fragment')) {
      const payload = this.#codec.compress(data)
      this.#send(type, payload.subarray(0, 3), false, 4)
      this.#send(0, payload.subarray(3), true, 4)
    } else this.#send(type, this.#codec.compress(data), true, 4)
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === 8) this.#closing(payload)
    if (opcode === 10 && this.#has('answers Pongs')) this.#send(10, payload)
    if (opcode !== 9 || this.#has('answers no Pings')) return
    if (this.#has('drops the line at a Ping')) this.#socket.end()
    else if (this.#has('sends Pongs in fragments')) {
      this.#send(10, payload.subarray(0, 1), false)
      this.#send(0, payload.subarray(1))
    } else {
      const answer = this.#has('answers Pings with another payload') ? Buffer.from('pong') : payload
      this.#send(10, answer, true, this.#has('sets RSV1 on Pongs') ? 4 : 0)
    }
  }

  #closing(payload: Buffer): void {
    if (this.#has('never answers a Close frame')) return
    const code = payload.length < 2 ? undefined : payload.readUInt16BE(0)
    const known = code === undefined || (code >= 1000 && code < 1015 && ![1004, 1005, 1006].includes(code))
    if (payload.length === 1 && !this.#has('takes a Close frame of one byte')) throw new Violation(1002)
    if (!known && !((code ?? 0) >= 3000 && (code ?? 0) < 5000) && !this.#has('takes any close code'))
      throw new Violation(1002)
    if (!isUtf8(payload.subarray(2)) && !this.#has('takes reasons that are not UTF-8')) throw new Violation(1007)
    const empty = code === undefined && this.#has('answers an empty Close frame with 1005')
    this.#close(this.#has('answers a Close frame with 1006') ? 1006 : empty ? 1005 : code)
  }

  #close(code: number | undefined): void {
    if (this.#closed) return
    if (this.#has('ends the line without a Close frame in mid-frame')) this.#socket.write(Buffer.from([0x81]))
    else this.#send(8, code === undefined ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 255]))
    this.#closed = true
    const keeps = this.#has('keeps the connection after the closing handshake')
    const waits = this.#has('answers what comes behind a Close frame')
    if (this.#server && !keeps && !waits) this.#socket.end()
    if (waits) setImmediate(() => this.#socket.end())
  }

  #send(opcode: number, payload: Buffer, fin = true, rsv = 0): void {
    if (!this.#socket.writable) return
    const masked = this.#server === this.#has('masks its own frames wrongly')
    const long = this.#has('sends lengths in too many bytes')
    const head = Buffer.alloc(payload.length < 126 && !long ? 2 : payload.length < 65_536 ? 4 : 10)
    head[0] = (fin ? 128 : 0) | (this.#has('sends reserved bits') ? 32 : 0) | (rsv << 4) | opcode
    head[1] = (masked ? 128 : 0) | (head.length === 2 ? payload.length : head.length === 4 ? 126 : 127)
    if (head.length === 4) head.writeUInt16BE(payload.length, 2)
    if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2)
    const key = this.#has('masks each frame with the same key') ? Buffer.from('mask') : randomBytes(4)
    if (masked) this.#socket.write(Buffer.concat([head, key, payload.map((byte, index) => byte ^ key[index & 3]!)]))
    else this.#socket.write(Buffer.concat([head, payload]))
  }
}

export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
