/** The options of a server and of its routes, with the defaults that make it safe without configuration. */
import { type DeflateOptions, deflateRule } from '../connection/deflate-options.ts'
import { type Limits, SERVER_LIMITS } from '../connection/limits.ts'
import {
  atLeast,
  check,
  flag,
  milliseconds,
  oneOf,
  optionalFunction,
  type Rules,
  resolve,
  such,
} from '../connection/options.ts'
import { UsageError } from '../errors.ts'
import { areProtocols } from '../protocol/handshake/subprotocol.ts'
import type { TrustProxy } from '../runtime/node/address.ts'
import { BACKPLANE_RULES, type BackplaneOptions, type ResolvedBackplane } from './backplane-options.ts'
import type { OriginPolicy } from './origin.ts'
import type { Handlers, Route, RouteOptions, Routes, ServerSocket } from './routes.ts'
import { linesOf } from './subprotocol/lines.ts'
import type { LineRules } from './subprotocol/rules.ts'
import { type ResolvedTopic, resolveTopics, type TopicOptions, topicsRule } from './topic-options.ts'

/** Where an error of the application's code happened. */
export interface ErrorContext {
  readonly phase: 'authorize' | 'open' | 'message' | 'close' | 'route' | 'request' | 'topic' | 'backplane'
  /** The socket, where there is one already. */
  readonly socket?: ServerSocket
}

/** What `attach` takes, and `serve` too. What a route sets itself goes before. */
export interface ServerOptions<D> extends RouteOptions, BackplaneOptions {
  /** What is done with the sockets of each path. */
  readonly routes: Routes<D>
  /**
   * Called with each error that a handler threw or rejected with; its socket is closed with 1011 already.
   * @defaultValue prints it with console.error
   */
  readonly report?: (error: unknown, context: ErrorContext) => void
  /**
   * Which proxies may say who the client is by X-Forwarded-For, -Proto and -Host: true for all (only behind one that
   * overwrites them), a number of hops, or addresses and ranges.
   * @defaultValue false
   */
  readonly trustProxy?: TrustProxy
  /**
   * Header fields that a request may have; more get 431.
   * @defaultValue 100
   */
  readonly maxHeaders?: number
  /**
   * Sockets that may be open, being accepted or told no by `refuseBy` at the same time; further requests get 503.
   * @defaultValue Infinity
   */
  readonly maxSockets?: number
  /**
   * Bytes that compression may remember for all sockets together, where context takeover is allowed. When they are used
   * up, new lines open without the peer's takeover, and what this end sends does not refer to what went before.
   * @defaultValue 64 MiB
   */
  readonly deflateBudget?: number
  /**
   * What holds for topics, by patterns such as `chat/*`; the first one that a topic fits decides. Topics that none fits
   * work too, for the server's own code.
   * @defaultValue none
   */
  readonly topics?: Readonly<Record<string, TopicOptions>>
}

/** A route with everything decided. */
export interface ResolvedRoute {
  readonly limits: Limits
  readonly protocols: readonly string[]
  readonly origin: OriginPolicy
  readonly requireOrigin: boolean
  readonly refuseBy: 'status' | 'close'
  readonly acceptTimeout: number
  readonly deflate: boolean | DeflateOptions
  readonly run: Route
  /** What holds for clients of hotline.1, by the form that they speak; none where the route does not speak it. */
  readonly lines: ReadonlyMap<string, LineRules>
}

type OwnOptions = Required<Omit<RouteOptions, keyof Limits | 'messagePack'>> & Pick<RouteOptions, 'messagePack'>

const ROUTE_RULES: Rules<OwnOptions> = {
  protocols: such('be a list of different tokens', [], value => Array.isArray(value) && areProtocols(value)),
  origin: such<OriginPolicy>(
    "be 'same', 'any', a list of origins or a function",
    'same',
    value =>
      value === 'any' ||
      typeof value === 'function' ||
      (Array.isArray(value) && value.every(one => typeof one === 'string')),
  ),
  requireOrigin: such('be true or false', false, value => typeof value === 'boolean'),
  refuseBy: oneOf(['status', 'close'], 'status'),
  acceptTimeout: milliseconds(10_000),
  deflate: deflateRule,
  requests: such<OwnOptions['requests']>('be an object of functions', {}, isObjectOfFunctions),
  maxSubscriptions: atLeast(0, 1000),
  maxRequests: atLeast(0, 100),
  requestTimeout: milliseconds(30_000),
  permissionTimeout: milliseconds(10_000),
  maxPublications: atLeast(1, Number.POSITIVE_INFINITY),
  messagePack: such<RouteOptions['messagePack']>('be an object of encode and decode', undefined, isCodec),
}

function isObjectOfFunctions(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(one => typeof one === 'function')
}

function isCodec(value: unknown): boolean {
  return isObject(value) && typeof value['encode'] === 'function' && typeof value['decode'] === 'function'
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const HANDLER_RULES = {
  authorize: optionalFunction,
  run: optionalFunction,
  open: optionalFunction,
  message: optionalFunction,
  close: optionalFunction,
  topics: flag(false),
}

/** The options of a server beside its routes. */
type SharedOptions = Required<
  Pick<ServerOptions<unknown>, 'report' | 'trustProxy' | 'maxHeaders' | 'maxSockets' | 'deflateBudget'>
>

const SHARED_RULES: Rules<SharedOptions> = {
  report: such<SharedOptions['report']>('be a function', printError, value => typeof value === 'function'),
  trustProxy: such<TrustProxy>('be true, false, a number of hops or a list of ranges', false, isTrust),
  maxHeaders: atLeast(1, 100),
  maxSockets: atLeast(0, Number.POSITIVE_INFINITY),
  deflateBudget: atLeast(0, 67_108_864),
}

function isTrust(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(one => typeof one === 'string')
  return typeof value === 'boolean' || (Number.isInteger(value) && (value as number) >= 0)
}

function printError(error: unknown, { phase }: ErrorContext): void {
  console.error(phase === 'backplane' ? 'hotline: the backplane:' : `hotline: the ${phase} handler failed:`, error)
}

/** A report that fails is printed: it must not do more harm than what it was to tell. */
const safely =
  (report: SharedOptions['report']): SharedOptions['report'] =>
  (error, context) => {
    const told = async (): Promise<void> => report(error, context)
    told().catch(failure => console.error('hotline: report failed:', failure, 'when it was told of:', error))
  }

/** Everything decided. */
export interface ResolvedServer extends SharedOptions {
  readonly joined: ResolvedBackplane
  readonly routes: readonly (readonly [pattern: string, route: ResolvedRoute])[]
  readonly topics: readonly (readonly [pattern: string, topic: ResolvedTopic])[]
}

/**
 * Checks and completes what the application gave.
 *
 * @param more - rules for the options that only `serve` has
 * @throws UsageError with the name of the option that is unknown or wrong
 */
export function resolveServer<D>(options: ServerOptions<D>, owner: string, more: Rules<object> = {}): ResolvedServer {
  const routes = such(
    'be an object of paths and routes',
    undefined,
    value => typeof value === 'object' && value !== null,
  )
  check(
    options,
    {
      ...SERVER_LIMITS,
      ...ROUTE_RULES,
      ...SHARED_RULES,
      ...BACKPLANE_RULES,
      ...more,
      routes,
      topics: topicsRule,
    } as never,
    owner,
  )
  if (options.routes === undefined) throw new UsageError(`${owner} needs the option routes`, 'routes')
  const limits = resolve(options as Partial<Limits>, SERVER_LIMITS)
  const own = resolve(options as Partial<OwnOptions>, ROUTE_RULES)
  const entries = Object.entries(options.routes as Record<string, Route>)
  const shared = resolve(options as Partial<SharedOptions>, SHARED_RULES)
  return {
    ...shared,
    joined: resolve(options as Partial<ResolvedBackplane>, BACKPLANE_RULES),
    report: safely(shared.report),
    topics: resolveTopics(options.topics ?? {}),
    routes: entries.map(([pattern, route]) => [pattern, resolveRoute(pattern, route, limits, own)] as const),
  }
}

function resolveRoute(pattern: string, run: Route, limits: Limits, own: OwnOptions): ResolvedRoute {
  if (typeof run === 'function') return { ...own, limits, run, lines: new Map() }
  if (typeof run !== 'object' || run === null) {
    throw new UsageError(`route ${pattern} must be an async function or an object of handlers`, 'routes')
  }
  check(run, { ...SERVER_LIMITS, ...ROUTE_RULES, ...HANDLER_RULES } as never, `route ${pattern}`)
  const given = run as Handlers
  if (given.run !== undefined && (given.open ?? given.message ?? given.close) !== undefined) {
    throw new UsageError(`route ${pattern} has run, so that open, message and close would never be called`, 'run')
  }
  if (given.run !== undefined && given.topics === true) {
    throw new UsageError(
      `route ${pattern} has run, so that nothing would read what clients of hotline.1 send`,
      'topics',
    )
  }
  const resolved = resolve(given as Partial<OwnOptions>, ROUTE_RULES, own)
  const lines = given.topics === true ? linesOf(resolved) : new Map()
  return {
    ...resolved,
    protocols: [...lines.keys(), ...resolved.protocols],
    limits: resolve(given as Partial<Limits>, SERVER_LIMITS, limits),
    run,
    lines,
  }
}
