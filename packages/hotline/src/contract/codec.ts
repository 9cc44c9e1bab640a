/** Values as messages and back: JSON in text, MessagePack in binary, or what an application has. */
import { SchemaError, UsageError } from '../errors.ts'

/** How the values of a subprotocol are written. */
export interface Codec {
  /** What a message is called in errors and documents, such as JSON. */
  readonly name: string
  /** RFC 6838, such as application/json. */
  readonly mediaType: string
  /** True when its messages are binary, false when they are text. */
  readonly binary: boolean
  /** Text where `binary` is false, else bytes. It may throw for what it cannot write. */
  encode(value: unknown): string | Uint8Array
  /** Gets what `binary` says. It throws for what is not its format. */
  decode(data: string | Uint8Array): unknown
}

/** JSON in text messages. RFC 8259 */
export const json: Codec = {
  name: 'JSON',
  mediaType: 'application/json',
  binary: false,
  encode: value => JSON.stringify(value),
  decode: data => JSON.parse(data as string),
}

/** What writes MessagePack: the module `msgpackr` or a Packr of it, or the functions of `@msgpack/msgpack`. */
export interface MessagePackLibrary {
  encode(value: unknown): Uint8Array
  /** Throws when the bytes are not one whole value. */
  decode(bytes: Uint8Array): unknown
}

/**
 * MessagePack in binary messages, by the library that the application brings.
 *
 * @throws UsageError when it has no `encode` and `decode`
 * @example
 * ```ts
 * import * as msgpack from '@msgpack/msgpack'
 * import { type Codec, messagePack } from 'hotline/contract'
 *
 * const codec: Codec = messagePack(msgpack)
 * ```
 */
export function messagePack(library: MessagePackLibrary): Codec {
  if (typeof library?.encode !== 'function' || typeof library.decode !== 'function') {
    throw new UsageError('messagePack takes a library with encode and decode, such as msgpackr', 'library')
  }
  return {
    name: 'MessagePack',
    mediaType: 'application/vnd.msgpack',
    binary: true,
    encode: value => library.encode(value),
    decode: data => library.decode(data as Uint8Array),
  }
}

/** @throws UsageError for what the codec cannot write */
export function encode(codec: Codec, value: unknown): string | Uint8Array {
  let data: string | Uint8Array
  try {
    data = codec.encode(value)
  } catch (cause) {
    throw new UsageError(`the message cannot be written as ${codec.name}: ${(cause as Error).message}`, 'message')
  }
  if (data === undefined) throw new UsageError(`the message cannot be written as ${codec.name}`, 'message')
  return data
}

/** RFC 6455 §7.4.1: 1003 for a type of message that is not taken, 1007 for content that is not what it should be. */
export function decode(codec: Codec, data: string | Uint8Array): { readonly value: unknown } | SchemaError {
  if ((typeof data !== 'string') !== codec.binary) {
    const [wanted, got] = codec.binary ? ['binary', 'text'] : ['text', 'binary']
    return new SchemaError([{ path: '', message: `${codec.name} comes in ${wanted} messages, not in ${got}` }], 1003)
  }
  try {
    return { value: codec.decode(data) }
  } catch (cause) {
    return new SchemaError([{ path: '', message: `the message is not ${codec.name}` }], 1007, { cause })
  }
}
