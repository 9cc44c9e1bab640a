/** What `redisBackplane` takes: declared, checked and defaulted here. */
import { check, flag, milliseconds, type Rules, resolve, such } from '../../connection/options.ts'
import { UsageError } from '../../errors.ts'

/** What TLS takes beside the URL, as `tls.connect` of Node has it. */
export interface RedisTls {
  /** Certificates of authorities, PEM, in place of those that Node knows. */
  readonly ca?: string | Uint8Array | undefined
  /** The certificate and key of this client, PEM. */
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  readonly passphrase?: string | undefined
  /** The name that the certificate must be for, in place of the host of the URL. */
  readonly servername?: string | undefined
  /** False accepts any certificate: whoever is between can then read and write all. */
  readonly rejectUnauthorized?: boolean | undefined
}

/** Options of `redisBackplane`. */
export interface RedisBackplaneOptions {
  /**
   * `redis://user:password@host:port/database`, `rediss://` for TLS, `unix:///path/of/socket`; of a Redis Cluster one node.
   * Several hosts with commas between them are nodes of one cluster.
   * @defaultValue `redis://127.0.0.1:6379`
   */
  readonly url?: string | undefined
  /**
   * URLs of some nodes of a Redis Cluster: the others are found. User, password and TLS are those of the first.
   * @defaultValue none
   */
  readonly cluster?: readonly string[] | undefined
  /**
   * What all keys and channels begin with, so that several systems can share one Redis. Two systems with one prefix are one.
   * @defaultValue `hotline:`
   */
  readonly prefix?: string | undefined
  /**
   * Milliseconds without any answer after which Redis counts as away and is connected to anew. Low: a Redis that forks or
   * runs a long command is taken for dead.
   * @defaultValue 5 s
   */
  readonly stallTimeout?: number | undefined
  /**
   * True says that a restart of this Redis loses nothing that it has confirmed, and that no replica takes its place: epochs
   * then outlive restarts. When it is not so, clients resume where there is something else now.
   * @defaultValue true where Redis says `appendonly yes`, `appendfsync always` and has no replica; else false
   */
  readonly durable?: boolean | undefined
  /**
   * In a Redis Cluster: whether publications are told to those who subscribe to patterns as well, which takes each one to
   * all nodes of the cluster. False spares that; patterns then find nothing of other nodes.
   * @defaultValue true
   */
  readonly patterns?: boolean | undefined
  /**
   * TLS for `rediss://`.
   * @defaultValue what Node has
   */
  readonly tls?: RedisTls | undefined
}

/** Where a server is, and who we are there. */
export interface Address {
  readonly host: string
  readonly port: number
  /** Of a Unix socket. */
  readonly path: string | undefined
}

export interface ResolvedRedis {
  readonly seeds: readonly Address[]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  /** Undefined for none. */
  readonly tls: RedisTls | undefined
  readonly prefix: string
  readonly stallTimeout: number
  readonly durable: boolean | undefined
  readonly patterns: boolean
}

const OWNER = 'redisBackplane'

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const rules = {
  url: such<string | undefined>('be a URL', undefined, isText),
  cluster: such<readonly string[] | undefined>('be a list of URLs', undefined, value => {
    return Array.isArray(value) && value.length > 0 && value.every(isText)
  }),
  prefix: such<string | undefined>('be 1 to 64 of A-Z a-z 0-9 : _ . -', 'hotline:', value => {
    return typeof value === 'string' && /^[\w:.-]{1,64}$/.test(value)
  }),
  stallTimeout: milliseconds(5000, 10),
  durable: { ...flag(false), fallback: undefined },
  patterns: flag(true),
  tls: such<RedisTls | undefined>('be an object', undefined, isObject),
} satisfies Rules<RedisBackplaneOptions>

/** @throws UsageError for what is wrong, by name */
export function resolveRedis(given: string | RedisBackplaneOptions): ResolvedRedis {
  const options = typeof given === 'string' ? { url: given } : given
  // Said here, without what was given: there may be a password in it.
  if (typeof options.cluster === 'string') throw new UsageError(`option cluster of ${OWNER} must be a list`, 'cluster')
  check(options, rules as never, OWNER)
  if (options.url !== undefined && options.cluster !== undefined)
    throw new UsageError(`${OWNER} takes url or cluster, not both`, 'cluster')
  const { prefix, stallTimeout, patterns } = resolve(options, rules)
  const urls = options.cluster ?? [options.url ?? 'redis://127.0.0.1:6379']
  const read = urls.map(readUrl)
  const [first] = read as [ReadUrl, ...ReadUrl[]]
  if (options.tls !== undefined && !first.secure)
    throw new UsageError(`option tls of ${OWNER} is for rediss:// only`, 'tls')
  return {
    seeds: read.flatMap(one => one.addresses),
    username: first.username,
    password: first.password,
    database: first.database,
    tls: first.secure ? (options.tls ?? {}) : undefined,
    prefix: prefix as string,
    stallTimeout: stallTimeout as number,
    durable: options.durable,
    patterns: patterns as boolean,
  }
}

type ReadUrl = Pick<ResolvedRedis, 'username' | 'password' | 'database'> & {
  readonly addresses: readonly Address[]
  readonly secure: boolean
}

/** scheme://[user[:password]@]hosts[/database]; several hosts are what the URL class of the platform cannot read. */
const URL_FORM = /^(rediss?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?#]+)(?:\/(\d{0,3}))?$/
const SOCKET_FORM = /^(unix):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\/[^?#]+)$/

/** What is wrong is told without the URL: it has a password in it. */
function readUrl(url: string): ReadUrl {
  const [, scheme, username, password, hosts, database] = URL_FORM.exec(url) ?? SOCKET_FORM.exec(url) ?? wrongUrl()
  const addresses =
    scheme === 'unix'
      ? [{ host: 'localhost', port: 0, path: hosts as string }]
      : (hosts as string).split(',').map(readHost)
  return {
    addresses,
    secure: scheme === 'rediss',
    username: username ? plain(username) : undefined,
    password: password ? plain(password) : undefined,
    database: Number(database ?? 0),
  }
}

function readHost(host: string): Address {
  const [, name, port] = /^(\[[\da-f:.]+\]|[^:@[\]]+)(?::(\d{1,5}))?$/i.exec(host) ?? wrongUrl()
  const number = Number(port ?? 6379)
  if (number === 0 || number > 65_535) wrongUrl()
  return { host: (name as string).replace(/^\[|\]$/g, ''), port: number, path: undefined }
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return wrongUrl()
  }
}

function wrongUrl(): never {
  throw new UsageError(
    `${OWNER} takes redis://user:password@host:port/database, rediss:// or unix:///path, with %40 for @ in a password`,
    'url',
  )
}

/** For people and logs. */
export const describeAddress = ({ host, port, path }: Address): string => path ?? `${host}:${port}`
