/** The requests of a contract: what is asked, what is answered, and the checks of both. */
import { RequestError, UsageError, WebSocketError } from '../errors.ts'
import { readValue } from './reader.ts'
import { type InferInput, type InferOutput, isSchema, type StandardSchema } from './standard.ts'

/** One request. */
export interface RequestParts {
  /**
   * What is asked with.
   * @defaultValue nothing
   */
  readonly data?: StandardSchema
  /**
   * What is answered.
   * @defaultValue nothing but that it was done
   */
  readonly reply?: StandardSchema
}

/** Requests by their names, by who asks. */
export interface RequestsParts {
  /** What a client may ask. */
  readonly client?: Readonly<Record<string, RequestParts>>
  /** What a server may ask. */
  readonly server?: Readonly<Record<string, RequestParts>>
}

/** Who asks. */
export type Side = keyof RequestsParts

/** What a contract has of requests, as far as types go. */
interface WithRequests {
  readonly requests: unknown
}

/** The requests that this side may ask. */
type Asked<C extends WithRequests, S extends Side> = C['requests'] extends { readonly [K in S]: infer Parts }
  ? Parts
  : object

/** The names of the requests that this side may ask. */
export type RequestName<C extends WithRequests, S extends Side> = keyof Asked<C, S> & string

type PartOf<C extends WithRequests, S extends Side, Name, Part extends string> = Asked<C, S>[Name &
  keyof Asked<C, S>] extends { readonly [K in Part]: infer Schema }
  ? Schema
  : undefined

type Input<Schema> = Schema extends StandardSchema ? InferInput<Schema> : undefined
type Output<Schema> = Schema extends StandardSchema ? InferOutput<Schema> : undefined

/** What is asked with. */
export type RequestData<C extends WithRequests, S extends Side, Name> = Input<PartOf<C, S, Name, 'data'>>

/** The same once the validator of whoever answers has passed it. */
export type FromRequest<C extends WithRequests, S extends Side, Name> = Output<PartOf<C, S, Name, 'data'>>

/** What is answered. */
export type ReplyData<C extends WithRequests, S extends Side, Name> =
  PartOf<C, S, Name, 'reply'> extends undefined ? unknown : Input<PartOf<C, S, Name, 'reply'>>

/** The same once the validator of whoever asked has passed it. */
export type FromReply<C extends WithRequests, S extends Side, Name> = Output<PartOf<C, S, Name, 'reply'>>

/** What follows the name in a call: where nothing is asked with, data may be left out. */
export type Asking<Data, Options> = undefined extends Data
  ? [data?: Data, options?: Options]
  : [data: Data, options?: Options]

const PARTS = ['data', 'reply']

/** @throws UsageError for what is unknown or wrong, by name */
export function checkRequests(requests: RequestsParts): void {
  for (const [side, named] of Object.entries(requests)) {
    if (side !== 'client' && side !== 'server') {
      throw new UsageError(`requests of a contract have no ${side}; they have client, server`, 'requests')
    }
    for (const [name, parts] of Object.entries<RequestParts>(named ?? {})) {
      for (const [part, schema] of Object.entries(parts ?? { data: null })) {
        const known = PARTS.includes(part) && (schema === undefined || isSchema(schema))
        if (!known)
          throw new UsageError(`request ${name} is { data, reply }, both of them a Standard Schema`, 'requests')
      }
    }
  }
}

/** @throws UsageError when this side may not ask that */
export function requestOf(requests: RequestsParts | undefined, side: Side, name: string): RequestParts {
  const named = requests?.[side] ?? {}
  const parts = Object.hasOwn(named, name) ? named[name] : undefined
  if (parts === undefined) throw new UsageError(`the contract has no request ${name} of the ${side}`, 'requests')
  return parts
}

/**
 * Answers by the contract. What it is asked with and does not fit is the other end's fault, and answered with `schema`; what
 * it answers and does not fit is ours.
 */
export async function answerBy(
  [name, parts]: readonly [string, RequestParts],
  data: unknown,
  signal: AbortSignal,
  work: (data: unknown) => unknown,
): Promise<unknown> {
  const asked = await readValue(parts.data, data)
  if (asked.error !== undefined) throw new RequestError('schema', asked.error.reason, { cause: asked.error })
  // Nobody waits any more for what took so long to look at.
  if (signal.aborted) return undefined
  const reply = await work(asked.message)
  if (parts.reply === undefined) return undefined
  const { error } = await readValue(parts.reply, reply)
  if (error !== undefined) {
    throw new UsageError(`the reply to ${name} does not fit its contract: ${error.message}`, 'requests')
  }
  return reply
}

/** What was answered, once it has passed; rejects with the SchemaError, or with ERR_ABORTED. */
export async function readReply(parts: RequestParts, reply: unknown, signal?: AbortSignal): Promise<unknown> {
  if (parts.reply === undefined) return undefined
  const read = readValue(parts.reply, reply)
  const { error, ...passed } = read instanceof Promise ? await unlessAborted(read, signal) : read
  if (error !== undefined) throw error
  return (passed as { readonly message: unknown }).message
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(new WebSocketError('ERR_ABORTED', 'the request was aborted', { cause: signal.reason }))
    const forget = (): void => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    work.then(resolve, reject).then(forget)
  })
}
