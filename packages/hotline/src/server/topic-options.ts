/** The options of topics: declared, checked and defaulted here, and resolved to the rules that topics/ works by. */
import {
  atLeast,
  check,
  milliseconds,
  oneOf,
  optionalFunction,
  type Rules,
  resolve,
  such,
} from '../connection/options.ts'
import { UsageError } from '../errors.ts'
import { isPattern } from '../topics/names.ts'
import type { SlowPolicy, TopicRules } from '../topics/rules.ts'
import type { RequestContext, ServerSocket } from './routes.ts'

/** How many of a topic's publications are kept, for those who come later or come back; the first bound that is met counts. */
export interface HistoryOptions {
  /** Publications. */
  readonly size: number
  /**
   * Milliseconds.
   * @defaultValue Infinity
   */
  readonly age?: number
  /**
   * Bytes, with what our own objects take.
   * @defaultValue 1 MiB
   */
  readonly bytes?: number
}

/** What one replay may cost; above, a reader that comes back is told `recovered: false`. */
export interface ReplayOptions {
  /**
   * Publications.
   * @defaultValue 1000
   */
  readonly size?: number
  /**
   * Bytes, counted as those of a history; above 4 MiB it is as if they were 4 MiB, since no more waits for one socket.
   * @defaultValue 1 MiB
   */
  readonly bytes?: number
}

/** Who is in a topic. */
export interface PresenceOptions {
  /**
   * Milliseconds after which a member that has gone is said to have left.
   * @defaultValue 5 s
   */
  readonly grace?: number
  /**
   * Members up to which they are told by name; above, only their number.
   * @defaultValue 200
   */
  readonly max?: number
  /**
   * What all may see of a member. It is shown to everybody who watches: never put in what only the server should know.
   * @defaultValue nothing
   */
  data?(socket: ServerSocket): unknown
  /**
   * Who it is: sockets of one key are one member.
   * @defaultValue each socket is a member of its own
   */
  key?(socket: ServerSocket): string
}

/** What holds for the topics of one pattern. */
export interface TopicOptions {
  /**
   * What is done with a socket that reads more slowly than is published, when `maxPending` publications wait for it already:
   * `disconnect` closes it with 1013, `drop-oldest` passes over the oldest, and `latest` keeps only the newest one of each
   * `key` from the first that has to wait on.
   * @defaultValue 'disconnect'
   */
  readonly slow?: SlowPolicy
  /**
   * For `latest`: of which thing a publication is the news. Without it, one waits in all.
   * @defaultValue none
   */
  key?(data: unknown): string | number
  /**
   * Milliseconds between two batches: the first publication is sent at once, what follows is gathered.
   * @defaultValue 0: each by itself
   */
  readonly every?: number
  /**
   * Publications that may wait for one socket; with `latest`, keys.
   * @defaultValue 256
   */
  readonly maxPending?: number
  /**
   * Keeps the newest publications, with offsets.
   * @defaultValue none is kept
   */
  readonly history?: HistoryOptions
  /** What one replay may cost. */
  readonly replay?: ReplayOptions
  /**
   * Keeps who is there.
   * @defaultValue false
   */
  readonly presence?: boolean | PresenceOptions
  /**
   * Whether a client of the subprotocol hotline.1 may subscribe. Asked again when it comes back. A function has
   * `permissionTimeout` of its route; `signal` is aborted when that is over, and when the line closes.
   * @defaultValue false: nobody
   */
  readonly subscribe?:
    | boolean
    | ((socket: ServerSocket, topic: string, context: RequestContext) => boolean | Promise<boolean>)
  /**
   * Whether a client of the subprotocol hotline.1 may publish. A function has `permissionTimeout` of its route; `signal` is
   * aborted when that is over, and not when the line closes: what came before is still published.
   * @defaultValue false: nobody
   */
  readonly publish?:
    | boolean
    | ((socket: ServerSocket, topic: string, data: unknown, context: RequestContext) => boolean | Promise<boolean>)
}

/** The options of one pattern with everything decided. */
export interface ResolvedTopic {
  readonly rules: TopicRules
  readonly subscribe: NonNullable<TopicOptions['subscribe']>
  readonly publish: NonNullable<TopicOptions['publish']>
  /** What says who a socket is, where it was given. */
  readonly presence: PresenceOptions
}

type Flat = Required<Omit<TopicOptions, 'key' | 'history' | 'presence'>> & {
  key: TopicOptions['key'] | undefined
  history: HistoryOptions | undefined
  presence: boolean | PresenceOptions
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const mayBe = (value: unknown): boolean => typeof value === 'boolean' || typeof value === 'function'

const MIB = 1_048_576

const HISTORY_RULES: Rules<Required<HistoryOptions>> = {
  size: atLeast(1, 1),
  age: atLeast(1, Number.POSITIVE_INFINITY),
  bytes: atLeast(1, MIB),
}
const REPLAY_RULES: Rules<Required<ReplayOptions>> = { size: atLeast(0, 1000), bytes: atLeast(0, MIB) }
const PRESENCE_RULES: Rules<PresenceOptions> = {
  grace: milliseconds(5_000, 0),
  max: atLeast(0, 200),
  data: optionalFunction as never,
  key: optionalFunction as never,
}
const TOPIC_RULES: Rules<Flat> = {
  slow: oneOf(['disconnect', 'drop-oldest', 'latest'], 'disconnect'),
  key: optionalFunction as never,
  every: milliseconds(0, 0),
  maxPending: atLeast(1, 256),
  history: such<HistoryOptions | undefined>('be an object with size', undefined, isObject),
  replay: such<ReplayOptions>('be { size, bytes }', {}, isObject),
  presence: such<boolean | PresenceOptions>(
    'be true, false or { grace, max, data, key }',
    false,
    value => mayBe(value) || isObject(value),
  ),
  subscribe: such<Flat['subscribe']>('be true, false or a function', false, mayBe),
  publish: such<Flat['publish']>('be true, false or a function', false, mayBe),
}

/** How the option `topics` of a server is checked; what is inside, `resolveTopics` looks at. */
export const topicsRule = such<Readonly<Record<string, TopicOptions>>>(
  'be an object of patterns and their options',
  {},
  value => isObject(value) && !Array.isArray(value),
)

/**
 * Checks and completes the option `topics`, in the order of its patterns.
 *
 * @throws UsageError with the name of what is unknown or wrong
 */
export function resolveTopics(given: Readonly<Record<string, TopicOptions>>): (readonly [string, ResolvedTopic])[] {
  return Object.entries(given).map(([pattern, options]) => {
    if (!isPattern(pattern))
      throw new UsageError(`${pattern} in the option topics is not a pattern of topics`, 'topics')
    if (!isObject(options)) throw new UsageError(`topics ${pattern} must be an object of options`, 'topics')
    return [pattern, resolveTopic(`topics ${pattern}`, options)] as const
  })
}

function resolveTopic(owner: string, options: TopicOptions): ResolvedTopic {
  const checked = <T extends object>(part: T, rules: Rules<T>, name: string): T => {
    check(part, rules as never, `${owner}${name}`)
    return resolve(part, rules)
  }
  const { slow, key, every, maxPending, subscribe, publish, ...flat } = checked(options as Flat, TOPIC_RULES, '')
  if (key !== undefined && slow !== 'latest') throw new UsageError(`${owner}: key is for slow: 'latest' only`, 'key')
  if (flat.history !== undefined && flat.history.size === undefined) {
    throw new UsageError(`${owner} history needs size`, 'history')
  }
  const history = flat.history && checked(flat.history as Required<HistoryOptions>, HISTORY_RULES, ' history')
  const replay = checked(flat.replay as Required<ReplayOptions>, REPLAY_RULES, ' replay')
  const given = isObject(flat.presence) ? flat.presence : {}
  const { grace = 0, max = 0 } = checked<PresenceOptions>(given, PRESENCE_RULES, ' presence')
  const presence = flat.presence === false ? undefined : { grace, max }
  const rules: TopicRules = { slow, key, every, maxPending, history, replay, presence }
  return { rules, subscribe, publish, presence: given }
}
