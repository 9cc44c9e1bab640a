/** An AsyncAPI document while it grows: channels, operations, and the messages and schemas that they share. */
import { json } from './codec.ts'
import type { Contract } from './contract.ts'
import { branchesOf, type Converted, type JsonSchema, movedTo, type ToJsonSchema, toJsonSchema } from './json-schema.ts'
import type { StandardSchema } from './standard.ts'

/** A reference to a part of the document. */
interface Ref {
  readonly $ref: string
}

/** Messages of a channel, by their ids there. */
export type MessageRefs = Record<string, Ref>

export class Sheet {
  readonly channels: Record<string, object> = {}
  readonly operations: Record<string, object> = {}
  readonly messages: Record<string, object> = {}
  readonly schemas: Record<string, unknown> = {}
  readonly #convert: ToJsonSchema | undefined

  constructor(convert: ToJsonSchema | undefined) {
    this.#convert = convert
  }

  /** A name of a channel that is free. */
  channelFor(pattern: string, prefix = ''): string {
    const plain = pattern.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '')
    return unused(prefix + (plain || (prefix === '' ? 'root' : 'all')), this.channels)
  }

  /** The plain messages of a route, and an operation for each side that has some. */
  plain(channel: string, contract: Contract | undefined): MessageRefs {
    const contentType = contract?.codecFor(contract.protocols[0] ?? '').mediaType ?? ''
    const sides = { client: contract?.client, server: contract?.server }
    const messages: MessageRefs = {}
    for (const side of ['client', 'server'] as const) {
      const ids =
        contract === undefined ? [this.#any(channel, side)] : this.#side(channel, side, sides[side], contentType)
      if (ids.length === 0) continue
      for (const id of ids) messages[id] = { $ref: `#/components/messages/${channel}.${id}` }
      const action = side === 'client' ? 'receive' : 'send'
      this.operations[`${channel}.${action}`] = this.operation(action, channel, ids)
    }
    return messages
  }

  /** What a server does with messages of a channel, and what answers them. */
  operation(
    action: 'receive' | 'send',
    channel: string,
    ids: readonly string[],
    replies: readonly string[] = [],
  ): object {
    const place = { $ref: `#/channels/${channel}` }
    const refs = (names: readonly string[]): Ref[] =>
      names.map(id => ({ $ref: `#/channels/${channel}/messages/${id}` }))
    const reply = replies.length === 0 ? {} : { reply: { channel: place, messages: refs(replies) } }
    return { action, channel: place, messages: refs(ids), ...reply }
  }

  /** Puts a schema into the document, under a name that is free; where there is none, in its place why. */
  schema(name: string, schema: StandardSchema): JsonSchema {
    const place = this.#place(name, toJsonSchema(schema, this.#convert))
    return typeof place === 'string' ? { $ref: place } : { description: place.none }
  }

  /** A route without a contract. */
  #any(channel: string, side: string): string {
    this.messages[`${channel}.${side}`] = { name: side, description: 'Any message, text or binary.' }
    return side
  }

  /** What one side may say; the ids of its messages. */
  #side(channel: string, side: string, schema: StandardSchema | undefined, contentType: string): string[] {
    if (schema === undefined) return []
    const converted = toJsonSchema(schema, this.#convert)
    const place = this.#place(`${channel}.${side}`, converted)
    if ('none' in converted) {
      this.messages[`${channel}.${side}`] = { name: side, contentType, description: converted.none }
      return [side]
    }
    return branchesOf(converted.schema, side).map(({ name, pointer }) => {
      const plain = name === side ? side : `${side}.${name.replace(/[^A-Za-z0-9_-]/g, '_')}`
      const id = unused(`${channel}.${plain}`, this.messages)
      this.messages[id] = { name, contentType, payload: { $ref: place + pointer } }
      return id.slice(channel.length + 1)
    })
  }

  #place(name: string, converted: Converted): string | { readonly none: string } {
    if ('none' in converted) return converted
    const free = unused(name, this.schemas)
    const place = `#/components/schemas/${free}`
    this.schemas[free] = movedTo(place, converted.schema)
    return place
  }
}

/** The name, with a number where it is taken. */
export function unused(name: string, taken: object): string {
  let free = name
  for (let count = 2; Object.hasOwn(taken, free); count++) free = `${name}_${count}`
  return free
}

/** An address, with what stands for the parts that may be anything. */
export interface Address {
  readonly address: string
  readonly parameters?: Readonly<Record<string, object>>
}

/** `/chat/:room` is `/chat/{room}`, and a final `*` is `{rest}`. */
export const addressOf = (pattern: string): Address =>
  addressBy(pattern, segment => {
    if (segment === '*') return ['rest', { description: 'All that follows, slashes included.' }]
    return segment.startsWith(':') ? [segment.slice(1), {}] : undefined
  })

/** `room/*` is `room/{segment}`, and a final `**` is `{rest}`. */
export const topicAddressOf = (pattern: string): Address =>
  addressBy(pattern, segment => {
    if (segment === '**') return ['rest', { description: 'One or more segments, with slashes between them.' }]
    return segment === '*' ? ['segment', { description: 'One segment, without slashes.' }] : undefined
  })

function addressBy(
  pattern: string,
  read: (segment: string) => readonly [name: string, what: object] | undefined,
): Address {
  const parameters: Record<string, object> = {}
  const segments = pattern.split('/').map(segment => {
    const found = read(segment)
    if (found === undefined) return segment
    const name = unused(found[0].replace(/[^A-Za-z0-9_-]/g, '_'), parameters)
    parameters[name] = found[1]
    return `{${name}}`
  })
  const address = segments.join('/')
  return Object.keys(parameters).length === 0 ? { address } : { address, parameters }
}

/** hotline.1 by its forms. docs/protocol.md, "Opening" */
const LINES = { 'hotline.1.msgpack': 'application/vnd.msgpack', 'hotline.1': json.mediaType }

/** The WebSocket binding: the opening handshake, with the subprotocols that are spoken. */
export function bindingOf(contract: Contract | undefined): object {
  const binding = { method: 'GET', bindingVersion: '0.1.0' }
  if (contract === undefined) return binding
  const lines = Object.entries(contract.hasLines ? LINES : {})
  const own = contract.protocols.map(protocol => [protocol, contract.codecFor(protocol).mediaType])
  const protocols = [...(contract.messagePack === undefined ? lines.slice(1) : lines), ...own]
  if (protocols.length === 0) return binding
  const formats = protocols.map(([protocol, mediaType]) => `${protocol}: ${mediaType}`)
  // Without one there is nothing to say where a contract is for lines of hotline.1 alone.
  const plain = contract.client ?? contract.server
  const without = plain === undefined ? '' : ` Without a subprotocol: ${json.mediaType}.`
  const field = {
    type: 'string',
    enum: protocols.map(([protocol]) => protocol),
    description: `How messages are written. ${formats.join('; ')}.${without}`,
  }
  return { ...binding, headers: { type: 'object', properties: { 'Sec-WebSocket-Protocol': field } } }
}
