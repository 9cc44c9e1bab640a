/** The topics of a contract on a server: their options with the types of their data, and what is published by the server itself. */
import type { Contract } from '../contract/contract.ts'
import type { NameOf } from '../contract/names.ts'
import { afterRead, readValue } from '../contract/reader.ts'
import type { InferInput, InferOutput, StandardSchema } from '../contract/standard.ts'
import {
  type DataSchema,
  type FittingName,
  type PresenceSchema,
  schemasOf,
  type TopicData,
  type TopicName,
  type TopicParts,
} from '../contract/topics.ts'
import { RequestError, UsageError } from '../errors.ts'
import type { PresenceState, Published } from '../topics/subscriber.ts'
import { WireError } from '../topics/wire/messages.ts'
import type { RequestContext, ServerSocket } from './routes.ts'
import type { Server } from './server.ts'
import type { PresenceOptions, TopicOptions } from './topic-options.ts'

/** Who is in a topic, with the public data of the contract. */
export interface TypedPresenceOptions<Member, D = unknown> extends Omit<PresenceOptions, 'data' | 'key'> {
  /** What all may see of a member, as it goes over the wire. */
  data?(socket: ServerSocket<D>): Member
  /**
   * Who it is: sockets of one key are one member.
   * @defaultValue each socket is a member of its own
   */
  key?(socket: ServerSocket<D>): string
}

/** What holds for the topics of one pattern of a contract: the options of every topic, with types. */
export interface TypedTopicOptions<Part, Pattern extends string = string, D = unknown>
  extends Omit<TopicOptions, 'key' | 'presence' | 'subscribe' | 'publish'> {
  /** For `latest`: of which thing a publication is the news. It gets what goes over the wire. */
  key?(data: InferInput<DataSchema<Part>>): string | number
  /** Keeps who is there. Where the contract says what is seen of a member, `data` is needed: without it that is null. */
  readonly presence?: TypedPresence<PresenceSchema<Part>, D>
  /**
   * Whether a client may subscribe. Asked again when it comes back.
   * @defaultValue false: nobody
   */
  readonly subscribe?:
    | boolean
    | ((socket: ServerSocket<D>, topic: NameOf<Pattern>, context: RequestContext) => boolean | Promise<boolean>)
  /**
   * Whether a client may publish what fits. What does not is answered with `schema` and the path.
   * @defaultValue false: nobody
   */
  readonly publish?:
    | boolean
    | ((
        socket: ServerSocket<D>,
        topic: NameOf<Pattern>,
        data: InferOutput<DataSchema<Part>>,
        context: RequestContext,
      ) => boolean | Promise<boolean>)
}

type TypedPresence<S, D> = S extends StandardSchema
  ? null extends InferInput<S>
    ? boolean | TypedPresenceOptions<InferInput<S>, D>
    : false | (TypedPresenceOptions<InferInput<S>, D> & { data(socket: ServerSocket<D>): InferInput<S> })
  : boolean | TypedPresenceOptions<unknown, D>

/** Options by the patterns of a contract. */
export type TypedTopics<C extends Contract, D = unknown> = {
  readonly [P in keyof C['topics'] & string]?: TypedTopicOptions<C['topics'][P], P, D>
}

/**
 * Makes the option `topics` of a server from a contract: what clients publish is validated before anybody is asked. Patterns
 * that are left out are there too, for nobody but the server's own code.
 *
 * @typeParam D - what `socket.data` is, where all routes have the same
 * @throws UsageError for a pattern that the contract does not have
 * @example
 * ```ts
 * import { contract } from 'hotline/contract'
 * import { serve, typedRoute, typedTopics } from 'hotline/server'
 * import { z } from 'zod'
 *
 * const chat = contract({ topics: { 'chat/*': z.object({ by: z.string(), text: z.string() }) } })
 *
 * await using server = await serve({
 *   port: 0,
 *   topics: typedTopics(chat, {
 *     'chat/*': { subscribe: true, publish: (socket, topic, { text }) => text !== '' },
 *   }),
 *   routes: { '/chat': typedRoute(chat, {}) },
 * })
 * ```
 */
export function typedTopics<C extends Contract, D = unknown>(
  contract: C,
  options: TypedTopics<C, D>,
): Readonly<Record<string, TopicOptions>> {
  const topics = contract.topics ?? {}
  for (const pattern of Object.keys(options)) {
    if (!Object.hasOwn(topics, pattern)) throw new UsageError(`the contract has no topics ${pattern}`, 'topics')
  }
  const given = new Map(Object.entries(options as Readonly<Record<string, TopicOptions>>))
  return Object.fromEntries(
    // In the order of the contract: the first pattern that fits decides on both.
    Object.entries(topics).map(([pattern, part]) => [pattern, checked(part, given.get(pattern) ?? {})]),
  )
}

function checked(part: StandardSchema | TopicParts, options: TopicOptions): TopicOptions {
  const { publish = false } = options
  if (publish === false) return options
  const schema = schemasOf(part).data
  return {
    ...options,
    publish: (socket, topic, data, context) =>
      afterRead<boolean>(readValue(schema, data), read => {
        if (read.error !== undefined) throw new RequestError(WireError.schema, read.error.reason, { cause: read.error })
        return typeof publish === 'function' ? publish(socket, topic, read.message, context) : publish
      }),
  }
}

/** A server whose own publications are those of a contract. */
export class TypedServer<C extends Contract> {
  /** The server below. */
  readonly server: Pick<Server, 'publish' | 'topics'>

  /** @internal */
  constructor(server: Pick<Server, 'publish' | 'topics'>) {
    this.server = server
  }

  /**
   * Publishes to all that have subscribed.
   *
   * @throws UsageError when the name is no topic, or the data cannot be written
   */
  publish<const T extends TopicName<C>>(topic: T, data: TopicData<C, T>): Published {
    return this.server.publish(topic, data)
  }

  /** Who is in a topic; nobody where its options have no presence. */
  presence<const T extends TopicName<C>>(topic: T & FittingName<C, T>): PresenceState {
    return this.server.topics.presence(topic)
  }
}

/**
 * Gives what a server publishes itself the types of a contract. It is checked by the compiler, not by the validator.
 *
 * @example
 * ```ts
 * import { contract } from 'hotline/contract'
 * import { type Server, typedServer } from 'hotline/server'
 * import { z } from 'zod'
 *
 * const chat = contract({ topics: { 'chat/*': z.object({ by: z.string(), text: z.string() }) } })
 * const tell = (server: Server) => typedServer(chat, server).publish('chat/lobby', { by: 'us', text: 'Good morning.' })
 * ```
 */
export const typedServer = <C extends Contract>(
  _contract: C,
  server: Pick<Server, 'publish' | 'topics'>,
): TypedServer<C> => new TypedServer(server)
