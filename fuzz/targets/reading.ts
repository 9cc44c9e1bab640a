/** A receiver of src/protocol as the targets set it up: from one byte of options, with its notes and what it allocates. */

import { ProtocolError } from '../../packages/hotline/src/errors.ts'
import { fastMemory } from '../../packages/hotline/src/protocol/mask.ts'
import type { Opcode } from '../../packages/hotline/src/protocol/opcode.ts'
import { type MessageSink, Receiver } from '../../packages/hotline/src/protocol/receiver.ts'
import { portableCodec, type TextCodec } from '../../packages/hotline/src/protocol/text.ts'
import { nodeCodec } from '../../packages/hotline/src/runtime/node/codec.ts'
import { pieces, type Split } from '../engine/bytes.ts'
import { claim } from '../engine/target.ts'
import { type Reading, type Told, toHex } from '../reference/frames.ts'

const LIMITS = [300, 1 << 20, 0, 1, 125, 126, 65_535, 65_536]

/** What the first byte of an input says of the reader. */
export function readingOf(options: number): Reading {
  return {
    masked: (options & 1) !== 0,
    compression: (options & 2) !== 0,
    maxMessage: LIMITS[(options >> 2) & 7] as number,
  }
}

/** An options byte: the limits that let most through come most often. */
export const optionsByte = (masked: boolean, compression: boolean, limit: number): number =>
  (masked ? 1 : 0) | (compression ? 2 : 0) | (limit << 2)

/** What a receiver told, and the bytes of memory that it asked for. */
export interface Heard {
  readonly told: Told[]
  error: ProtocolError | undefined
  allocated: number
  largest: number
}

class Sink implements MessageSink {
  readonly heard: Heard = { told: [], error: undefined, allocated: 0, largest: 0 }
  readonly codec: TextCodec

  constructor(codec: TextCodec) {
    this.codec = {
      ...codec,
      allocate: size => {
        this.heard.allocated += size
        this.heard.largest = Math.max(this.heard.largest, size)
        return codec.allocate(size)
      },
    }
  }

  text(data: string): void {
    this.#tell(['text', data])
  }

  binary(data: Uint8Array): void {
    claim(data.byteLength === data.buffer.byteLength, 'a binary message pins nothing beside itself')
    this.#tell(['binary', toHex(data)])
  }

  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#tell(['compressed', opcode, toHex(bytes.subarray(start, end))])
  }

  control(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#tell([opcode === 8 ? 'close' : opcode === 9 ? 'ping' : 'pong', toHex(bytes.subarray(start, end))])
  }

  fail(error: ProtocolError): void {
    claim(error instanceof ProtocolError, 'a failure is a ProtocolError')
    this.heard.error = error
    this.#tell(['fail', error.closeCode])
  }

  #tell(told: Told): void {
    claim(this.heard.told.at(-1)?.[0] !== 'fail', 'nothing is told after a failure', told)
    this.heard.told.push(told)
  }
}

/** Where chunks lie: in memory of their own, or in that of the masking module. */
export type Memory = 'plain' | 'fast'

const BEFORE = 5
const POISON = 0xa5

/** Reads bytes in pieces, each lent from the middle of memory that is overwritten behind the call. */
export function hear(bytes: Uint8Array, reading: Reading, split: Split, memory: Memory, codec: TextCodec): Heard {
  const sink = new Sink(codec)
  const { masked, ...options } = reading
  const receiver = new Receiver({ ...options, role: masked ? 'server' : 'client', codec: sink.codec }, sink)
  for (const piece of pieces(bytes, split))
    lend(piece, memory, (room, start, end) => {
      claim(receiver.receive(room, start, end) === end, 'a receiver that nobody paused reads all')
    })
  return sink.heard
}

/** Calls with a copy of the piece in the middle of other bytes, which must stay as they are. */
export function lend(
  piece: Uint8Array,
  memory: Memory,
  use: (room: Uint8Array, start: number, end: number) => void,
): void {
  const start = BEFORE + (piece.length % 7)
  const end = start + piece.length
  const fits = memory === 'fast' && fastMemory !== undefined && end + 8 <= fastMemory.byteLength
  const room = fits ? new Uint8Array(fastMemory as ArrayBuffer, 0, end + 8) : new Uint8Array(end + 8)
  room.fill(POISON)
  room.set(piece, start)
  use(room, start, end)
  const around = [...room.subarray(0, start), ...room.subarray(end)]
  claim(
    around.every(byte => byte === POISON),
    'bytes around a chunk stay as they are',
  )
  room.fill(POISON)
}

export const CODECS: readonly TextCodec[] = [portableCodec, nodeCodec]
