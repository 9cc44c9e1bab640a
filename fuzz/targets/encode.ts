/** What we encode, everybody decodes: our receiver, the second reader, and ws, in both roles and all lengths. */

import { UsageError } from '../../packages/hotline/src/errors.ts'
import { checkClose, fitReason } from '../../packages/hotline/src/protocol/close.ts'
import { Encoder, encodeFrame, type Output } from '../../packages/hotline/src/protocol/encoder.ts'
import { Opcode, type Role } from '../../packages/hotline/src/protocol/opcode.ts'
import type { TextCodec } from '../../packages/hotline/src/protocol/text.ts'
import { type Bytes, join, SINGLE, WHOLE } from '../engine/bytes.ts'
import { Draw } from '../engine/draw.ts'
import { claim, type Target } from '../engine/target.ts'
import { maySend } from '../reference/codes.ts'
import { type Reading, readFrames, type Told, toHex } from '../reference/frames.ts'
import { readByWs } from '../reference/ws.ts'
import { CODECS, hear } from './reading.ts'

/** Lengths at each border of the header's forms, and of the paths that the encoder has. RFC 6455 §5.2 */
const LENGTHS = [0, 1, 3, 40, 41, 42, 95, 96, 97, 124, 125, 126, 127, 128, 4095, 4096, 4097, 65_535, 65_536, 65_537]
const UNITS = ['a', 'é', '€', '😀', '\ud800', '\udc00', '\ufeff', '\u0000', '\uffff']

/** An output with exactly the room that was asked for, so that a byte too many is seen. */
export class Sheet implements Output {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  congested = false
  payload = 0
  readonly written: Bytes[] = []

  reserve(size: number): void {
    this.at = 3 + (this.written.length % 5)
    this.bytes = new Uint8Array(this.at + size).fill(0xa5)
  }

  commit(size: number, payload: number): void {
    claim(this.at + size <= this.bytes.length, 'no more is committed than there is room for')
    claim(
      this.bytes.subarray(0, this.at).every(byte => byte === 0xa5),
      'what stands before is left alone',
    )
    this.written.push(new Uint8Array(this.bytes.subarray(this.at, this.at + size)))
    this.payload += payload
  }

  take(): Bytes {
    return join(this.written.splice(0))
  }
}

/** Text as a peer decodes it: what is not a character becomes U+FFFD. */
const wellFormed = (text: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text))

export function drawText(draw: Draw): string {
  const unit = draw.pick(UNITS)
  if (draw.below(3) === 0) return unit.repeat(draw.pick(LENGTHS))
  return Array.from({ length: draw.below(60) }, () => draw.pick(UNITS)).join('')
}

export function drawBytes(draw: Draw): Uint8Array {
  return draw.below(3) === 0 ? new Uint8Array(draw.pick(LENGTHS)).fill(draw.byte()) : draw.bytes(draw.below(60))
}

function textOf(draw: Draw): [string, Told] {
  const text = drawText(draw)
  return [text, ['text', wellFormed(text)]]
}

function bytesOf(draw: Draw): [Uint8Array, Told] {
  const bytes = drawBytes(draw)
  return [bytes, ['binary', toHex(bytes)]]
}

/** Writes what the input says, and what must be told of it at the other end. */
class Writing {
  readonly told: Told[] = []
  readonly sheet = new Sheet()
  readonly #encoder: Encoder
  readonly #draw: Draw
  readonly #codec: TextCodec
  readonly #role: Role
  payload = 0

  constructor(role: Role, codec: TextCodec, draw: Draw) {
    let key = draw.word()
    this.#role = role
    this.#draw = draw
    this.#codec = codec
    const randomKey = (): number => {
      key = (Math.imul(key, 1_664_525) + 1_013_904_223) | 0
      return key
    }
    this.#encoder = new Encoder({ role, codec, randomKey }, this.sheet)
  }

  /** One message or control frame; false when it was the last. */
  next(): boolean {
    const draw = this.#draw
    switch (draw.below(8)) {
      case 0:
        return this.#control(draw.pick([Opcode.ping, Opcode.pong]), draw.bytes(draw.pick([0, 1, 4, 124, 125])))
      case 1:
        return this.#close()
      case 2:
      case 3:
        return this.#fragments()
      case 4:
        return this.#alone()
      case 5:
        return this.#compressed(draw.bytes(draw.below(40)))
      case 6:
        return this.#text(drawText(draw))
      default:
        return this.#binary(drawBytes(draw))
    }
  }

  #text(text: string): boolean {
    this.#encoder.text(text)
    this.payload += Buffer.byteLength(text)
    this.told.push(['text', wellFormed(text)])
    return true
  }

  #binary(bytes: Uint8Array): boolean {
    this.#encoder.frame(Opcode.binary, bytes)
    this.payload += bytes.length
    this.told.push(['binary', toHex(bytes)])
    return true
  }

  #control(opcode: Opcode, payload: Uint8Array): boolean {
    this.#encoder.frame(opcode, payload)
    this.told.push([opcode === Opcode.ping ? 'ping' : 'pong', toHex(payload)])
    return true
  }

  #compressed(payload: Uint8Array): boolean {
    this.#encoder.compressed(Opcode.text, payload)
    this.payload += payload.length
    this.told.push(['compressed', Opcode.text, toHex(payload)])
    return true
  }

  /** A message in parts, each of which is whole characters. RFC 6455 §5.4 */
  #fragments(): boolean {
    const draw = this.#draw
    const parts = Array.from({ length: 1 + draw.below(4) }, () => wellFormed(drawText(draw)))
    for (const [i, part] of parts.entries()) {
      this.#encoder.text(part, i === 0 ? Opcode.text : Opcode.continuation, i === parts.length - 1)
      this.payload += Buffer.byteLength(part)
    }
    this.told.push(['text', parts.join('')])
    return true
  }

  /** A frame that many peers of a server get. */
  #alone(): boolean {
    if (this.#role === 'client') return true
    const draw = this.#draw
    const [data, told]: [string | Uint8Array, Told] = draw.below(2) === 0 ? textOf(draw) : bytesOf(draw)
    const opcode = typeof data === 'string' ? Opcode.text : Opcode.binary
    this.sheet.written.push(encodeFrame(opcode, data, this.#codec))
    this.told.push(told)
    return true
  }

  /** Any code and reason: what may not stand in a close frame is refused before. RFC 6455 §5.5.1 */
  #close(): boolean {
    const code = this.#draw.pick([1000, 1001, 1005, 1006, 1011, 1014, 1015, 3000, 4999, this.#draw.word()])
    const given = drawText(this.#draw)
    const reason = this.#draw.below(2) === 0 ? fitReason(given, this.#codec) : given
    const fits = Buffer.byteLength(reason) <= 123 && (maySend(code) || (code === 1005 && reason === ''))
    try {
      checkClose({ code, reason }, this.#codec)
      claim(fits, 'what cannot stand in a close frame is refused', code, reason)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      claim(!fits, 'what can stand in a close frame is sent', code, reason)
      return true
    }
    this.#encoder.close({ code, reason })
    const body = code === 1005 ? [] : join([[code >> 8, code], new TextEncoder().encode(reason)])
    this.told.push(['close', toHex(Uint8Array.from(body))])
    return false
  }
}

export const encode: Target = {
  name: 'encode',
  about: 'what we encode: decoded by our receiver, by the second reader and by ws',
  longest: 2000,

  make: random => random.bytes(2 + random.below(120)),

  run(input) {
    const draw = new Draw(input)
    const role: Role = draw.below(2) === 0 ? 'client' : 'server'
    const codec = CODECS[draw.below(2)] as TextCodec
    const writing = new Writing(role, codec, draw)
    for (let left = 8; left > 0 && !draw.done && writing.next(); left--);
    const { told, sheet, payload } = writing
    claim(sheet.payload === payload, 'application data is counted in bytes', sheet.payload, payload)
    const bytes = sheet.take()
    const reading: Reading = { masked: role === 'client', compression: true, maxMessage: 1 << 26 }
    const read = JSON.stringify(told)
    claim(JSON.stringify(readFrames(bytes, reading)) === read, 'the second reader decodes what we encode', told)
    for (const split of [WHOLE, bytes.length > 4000 ? [1, 1, 2003] : SINGLE]) {
      const ours = hear(bytes, reading, split, 'fast', codec).told
      claim(JSON.stringify(ours) === read, 'our receiver decodes what we encode', ours, told)
    }
    const plain = told.every(([what]) => what !== 'compressed' && what !== 'close')
    if (!plain) return
    const theirs = readByWs(bytes, { ...reading, compression: false }, WHOLE)
    claim(JSON.stringify(theirs) === read, 'ws decodes what we encode', theirs, told)
  },
}
