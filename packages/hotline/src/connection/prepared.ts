/** A message that is framed once, to be sent to many sockets of a server. */
import { UsageError } from '../errors.ts'
import { encodeFrame } from '../protocol/encoder.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { TextCodec } from '../protocol/text.ts'
import { toBytes } from './bytes.ts'

/** A message in the form in which servers send it. Make one with `prepare`. */
export class Prepared {
  /** @internal */
  readonly frame: Uint8Array
  /** @internal */
  readonly payload: number

  /** @internal */
  constructor(data: string | ArrayBufferView | ArrayBuffer, codec: TextCodec) {
    const content = typeof data === 'string' ? data : toBytes(data)
    if (content === undefined) throw new UsageError('prepare takes a string or bytes', 'data')
    this.frame = encodeFrame(typeof content === 'string' ? Opcode.text : Opcode.binary, content, codec)
    this.payload = typeof content === 'string' ? codec.byteLength(content) : content.length
  }
}
