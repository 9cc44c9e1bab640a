/** A line of hotline.1 that speaks a contract: its topics, its publications, and requests in both directions. */
import { UsageError } from '../errors.ts'
import type { Contract } from './contract.ts'
import {
  type Asking,
  answerBy,
  type FromReply,
  type FromRequest,
  type ReplyData,
  type RequestData,
  type RequestName,
  readReply,
  requestOf,
} from './requests.ts'
import { type Misfits, type TopicLike, TypedTopic } from './topic.ts'
import {
  type FittingName,
  type FromPresence,
  type FromTopic,
  schemasFor,
  type TopicData,
  type TopicName,
} from './topics.ts'

/** What is needed of a line. That of `connect` is one. */
export interface LineLike {
  topic(name: string, options?: object): TopicLike
  publish(topic: string, data: unknown, options?: object): Promise<{ readonly offset?: number }>
  request(name: string, data?: unknown, options?: { readonly signal?: AbortSignal | undefined }): Promise<unknown>
  answer(name: string, handler: (data: unknown, context: { readonly signal: AbortSignal }) => unknown): () => void
  close(code?: number, reason?: string): Promise<void>
}

/** Options of `typedLine`. */
export interface TypedLineOptions {
  /**
   * Called with each publication, and the data of each member, that does not fit. It is skipped and counted in `passed` of the
   * next one; the line stays open.
   * @defaultValue prints the error by `console.error`
   */
  readonly invalid?: Misfits | undefined
}

/**
 * A line whose topics and requests are those of a contract. What it sends is checked by the compiler, and by the server; what
 * comes is checked by the validator.
 */
export class TypedLine<C extends Contract, L extends LineLike = LineLike> implements AsyncDisposable {
  /** The line below, for what is not about a contract: its status and events. */
  readonly line: L
  readonly #contract: C
  readonly #misfit: Misfits

  /** @internal */
  constructor(contract: C, line: L, { invalid = printMisfit }: TypedLineOptions) {
    this.#contract = contract
    this.line = line
    this.#misfit = invalid
  }

  /**
   * Subscribes to a topic, as the line below does.
   *
   * @throws UsageError when the contract has no such topic, or the line has it already
   */
  topic<const T extends TopicName<C>>(
    name: T & FittingName<C, T>,
    options?: Parameters<L['topic']>[1],
  ): TypedTopic<FromTopic<C, T>, FromPresence<C, T>> {
    const schemas = schemasFor(this.#contract.topics, name)
    if (schemas === undefined) throw new UsageError(`the contract has no topic ${name}`, 'topic')
    return new TypedTopic(this.line.topic(name, options), schemas, this.#misfit)
  }

  /** Publishes to a topic. What does not fit is refused by the server: a RequestError whose `answer.code` is `schema`. */
  publish<const T extends TopicName<C>>(
    topic: T,
    data: TopicData<C, T>,
    options?: Parameters<L['publish']>[2],
  ): ReturnType<L['publish']> {
    return this.line.publish(topic, data, options) as ReturnType<L['publish']>
  }

  /**
   * Asks the server.
   *
   * @returns the reply that fits; rejects with a SchemaError for one that does not, else as the line below does
   * @throws UsageError when the contract has no such request
   */
  async request<N extends RequestName<C, 'client'>>(
    name: N,
    ...[data, options]: Asking<RequestData<C, 'client', N>, Parameters<L['request']>[2]>
  ): Promise<FromReply<C, 'client', N>> {
    const parts = requestOf(this.#contract.requests, 'client', name)
    const reply = await this.line.request(name, data, options)
    return (await readReply(parts, reply, options?.signal)) as FromReply<C, 'client', N>
  }

  /**
   * Answers requests of the server by this name. What they are asked with and does not fit is answered with `schema`; a reply
   * that does not fit is told to the line's `report`, and the server gets `failed`. Returns what ends that.
   *
   * @throws UsageError when the contract has no such request, or it is answered already
   */
  answer<N extends RequestName<C, 'server'>>(
    name: N,
    handler: (
      data: FromRequest<C, 'server', N>,
      context: { readonly signal: AbortSignal },
    ) => ReplyData<C, 'server', N> | Promise<ReplyData<C, 'server', N>>,
  ): () => void {
    const parts = requestOf(this.#contract.requests, 'server', name)
    return this.line.answer(name, (data, context) =>
      answerBy([name, parts], data, context.signal, given => handler(given as FromRequest<C, 'server', N>, context)),
    )
  }

  /** Closes the line for good. */
  close(code?: number, reason?: string): Promise<void> {
    return this.line.close(code, reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const printMisfit: Misfits = (error, { topic }) =>
  console.error(`hotline: what came of the topic ${topic} does not fit:`, error)

/**
 * Puts a contract on a line of hotline.1 that stays up, in browsers and in Node.
 *
 * @example
 * ```ts
 * import { connect } from 'hotline/client'
 * import { contract, typedLine } from 'hotline/contract'
 * import { z } from 'zod'
 *
 * const chat = contract({ topics: { 'chat/*': z.object({ by: z.string(), text: z.string() }) } })
 * const line = typedLine(chat, connect('wss://example.com/chat'))
 * for await (const { data } of line.topic('chat/lobby')) console.log(`${data.by}: ${data.text}`)
 * ```
 */
export const typedLine = <C extends Contract, L extends LineLike>(
  contract: C,
  line: L,
  options: TypedLineOptions = {},
): TypedLine<C, L> => new TypedLine(contract, line, options)
