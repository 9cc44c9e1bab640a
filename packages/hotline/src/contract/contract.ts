/** What may be said on a line: a schema for each side, and how it is written. */
import { UsageError } from '../errors.ts'
import { type Codec, json, type MessagePackLibrary, messagePack } from './codec.ts'
import { checkRequests, type RequestsParts } from './requests.ts'
import { type InferInput, type InferOutput, isSchema, type StandardSchema } from './standard.ts'
import { checkTopics, type TopicsParts } from './topics.ts'

/** What `contract` takes. */
export interface ContractParts {
  /**
   * What a client may send: one schema for every message, a discriminated union as a rule.
   * @defaultValue nothing: a client that sends is refused
   */
  readonly client?: StandardSchema
  /**
   * What a server may send.
   * @defaultValue nothing
   */
  readonly server?: StandardSchema
  /**
   * How messages are written, by the subprotocol that stands for it, the preferred one first. A line without a subprotocol
   * has JSON.
   * @defaultValue JSON without a subprotocol
   */
  readonly codecs?: Readonly<Record<string, Codec>>
  /**
   * What is published to topics and who is there, by their patterns, on lines of hotline.1. The first pattern that a topic
   * fits decides.
   * @defaultValue none
   */
  readonly topics?: TopicsParts
  /**
   * What each side may ask the other on lines of hotline.1, by name.
   * @defaultValue nothing
   */
  readonly requests?: RequestsParts
  /**
   * Lines of hotline.1 are MessagePack by this library where both ends have it; msgpackr and `@msgpack/msgpack` are such.
   * @defaultValue JSON
   */
  readonly messagePack?: MessagePackLibrary
}

/** What both ends agree on. Make one with `contract`. */
export class Contract<Parts extends ContractParts = ContractParts> {
  readonly client: Parts['client']
  readonly server: Parts['server']
  readonly topics: Parts['topics']
  readonly requests: Parts['requests']
  readonly messagePack: MessagePackLibrary | undefined
  /** The subprotocols that stand for its codecs, the preferred one first: what a client offers. */
  readonly protocols: readonly string[]
  readonly #codecs: ReadonlyMap<string, Codec>

  /** @internal */
  constructor(parts: Parts) {
    this.client = parts.client as Parts['client']
    this.server = parts.server as Parts['server']
    this.topics = parts.topics as Parts['topics']
    this.requests = parts.requests as Parts['requests']
    this.messagePack = parts.messagePack
    this.#codecs = new Map(Object.entries(parts.codecs ?? {}))
    this.protocols = [...this.#codecs.keys()]
  }

  /** True when it is for lines of hotline.1: it has topics or requests. */
  get hasLines(): boolean {
    return this.topics !== undefined || this.requests !== undefined
  }

  /** How messages are written on a line with this subprotocol; '' is none. */
  codecFor(protocol: string): Codec {
    return this.#codecs.get(protocol) ?? json
  }
}

/** What a client's `send` takes. */
export type ClientMessage<C extends Contract> = InferInput<C['client']>

/** The same once the server's validator has passed it. */
export type FromClient<C extends Contract> = InferOutput<C['client']>

/** What a server's `send` takes. */
export type ServerMessage<C extends Contract> = InferInput<C['server']>

/** The same once the client's validator has passed it. */
export type FromServer<C extends Contract> = InferOutput<C['server']>

const PARTS = ['client', 'server', 'codecs', 'topics', 'requests', 'messagePack']

/** RFC 9110 §5.6.2: what a subprotocol is. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Writes down what may be said on a line, for both ends: by any validator that is a Standard Schema (Zod, Valibot, ArkType).
 *
 * @throws UsageError for an unknown or wrong part, by name
 * @example
 * ```ts
 * import { contract } from 'hotline/contract'
 * import { z } from 'zod'
 *
 * export const chat = contract({
 *   client: z.discriminatedUnion('type', [
 *     z.object({ type: z.literal('say'), text: z.string().max(500) }),
 *     z.object({ type: z.literal('leave') }),
 *   ]),
 *   server: z.object({ type: z.literal('said'), by: z.string(), text: z.string() }),
 * })
 * ```
 */
export function contract<const Parts extends ContractParts>(parts: Parts): Contract<Parts> {
  for (const name of Object.keys(parts)) {
    if (!PARTS.includes(name)) throw new UsageError(`a contract has no part ${name}; it has ${PARTS.join(', ')}`, name)
  }
  for (const side of ['client', 'server'] as const) {
    if (parts[side] === undefined || isSchema(parts[side])) continue
    throw new UsageError(`part ${side} of a contract must be a Standard Schema, such as one of Zod or Valibot`, side)
  }
  checkCodecs(parts.codecs ?? {})
  checkTopics(parts.topics ?? {})
  checkRequests(parts.requests ?? {})
  if (parts.messagePack !== undefined) messagePack(parts.messagePack)
  return new Contract(parts)
}

function checkCodecs(codecs: Readonly<Record<string, Codec>>): void {
  for (const [protocol, codec] of Object.entries(codecs)) {
    if (!TOKEN.test(protocol)) throw new UsageError(`'${protocol}' is no name of a subprotocol`, 'codecs')
    if (typeof codec?.encode === 'function' && typeof codec.decode === 'function') continue
    throw new UsageError(`codec '${protocol}' of a contract must have encode and decode`, 'codecs')
  }
}
