/** The form of hotline.1.msgpack: each message is binary, one map of MessagePack. docs/protocol.md, "MessagePack" */
import { isHonest } from './claims.ts'
import type { Form } from './form.ts'
import { PROTOCOL_MSGPACK } from './messages.ts'

/** What packs values as MessagePack, and back: such as `Packr` of msgpackr, or the functions of @msgpack/msgpack. */
export interface MessagePackCodec {
  encode(value: unknown): Uint8Array
  /** Throws when the bytes are not one whole value. */
  decode(bytes: Uint8Array): unknown
}

export const msgpackForm = (codec: MessagePackCodec): Form => ({
  protocol: PROTOCOL_MSGPACK,
  encode: message => codec.encode(Object.fromEntries(Object.entries(message).filter(isThere))),
  decode(message) {
    if (typeof message === 'string' || !isHonest(message)) return undefined
    try {
      return codec.decode(message)
    } catch {
      return undefined
    }
  },
})

/** JSON leaves out what is undefined; encoders of MessagePack write it. */
const isThere = ([, value]: readonly [string, unknown]): boolean => value !== undefined
