/** Options of natsBackplane, and what they come to. */
import { UsageError } from '../../errors.ts'

/** TLS towards NATS. What is not given is as Node.js has it. */
export interface NatsTls {
  /** Certificates of those who may sign the server's, as PEM. */
  readonly ca?: string
  /** The path of such a file. */
  readonly caFile?: string
  /** The client's own certificate, as PEM. */
  readonly cert?: string
  /** The path of such a file. */
  readonly certFile?: string
  /** The key of that certificate, as PEM. */
  readonly key?: string
  /** The path of such a file. */
  readonly keyFile?: string
  /** TLS before the server says anything, for servers that are set to `handshake_first`. */
  readonly handshakeFirst?: boolean
}

/** Options of `natsBackplane`. */
export interface NatsBackplaneOptions {
  /**
   * `nats://host:port` or `tls://host:port`, several with commas between them or as an array. User and password, or a
   * token, may stand before an `@`.
   * @defaultValue 'nats://127.0.0.1:4222'
   */
  readonly servers?: string | readonly string[]
  /** @defaultValue none */
  readonly user?: string
  /** @defaultValue none */
  readonly password?: string
  /** @defaultValue none */
  readonly token?: string
  /**
   * What stands in a credentials file (`.creds`): the text itself, not its path.
   * @defaultValue none
   */
  readonly credentials?: string
  /**
   * The seed of an NKEY, `SU…`.
   * @defaultValue none
   */
  readonly nkey?: string
  /**
   * TLS; `true` for what Node.js trusts.
   * @defaultValue false, and true for tls://
   */
  readonly tls?: boolean | NatsTls
  /**
   * What all subjects, streams and buckets begin with: 1 to 32 letters, digits, `-` and `_`. Systems that share a NATS
   * account have one each.
   * @defaultValue 'hotline'
   */
  readonly prefix?: string
  /**
   * Servers of a NATS cluster that keep each stream: 1, 3 or 5. With 1, what is kept is away while its server is.
   * @defaultValue 1
   */
  readonly replicas?: number
  /**
   * Where NATS keeps histories. With `memory`, all topics begin anew when NATS is started again.
   * @defaultValue 'file'
   */
  readonly storage?: 'file' | 'memory'
  /**
   * Milliseconds without an answer after which NATS counts as lost; it is connected to anew then.
   * @defaultValue 5000
   */
  readonly stallTimeout?: number
  /**
   * Milliseconds after which a topic's stream is deleted when nothing is in it, nobody consumes it, and nothing has been
   * published to it. Clients that come back later to such a topic are told that it began anew.
   * @defaultValue 3600000: an hour
   */
  readonly idle?: number
}

export interface Settings {
  /** `host:port` each. */
  readonly servers: readonly string[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly token: string | undefined
  readonly credentials: string | undefined
  readonly nkey: string | undefined
  readonly tls: NatsTls | undefined
  readonly prefix: string
  readonly replicas: number
  readonly storage: 'file' | 'memory'
  readonly stallTimeout: number
  readonly idle: number
}

/** Of those that have one that is not `undefined` or `false`. */
export const NATS_DEFAULTS = {
  servers: 'nats://127.0.0.1:4222',
  prefix: 'hotline',
  replicas: 1,
  storage: 'file',
  stallTimeout: 5000,
  idle: 3_600_000,
} as const

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most

/** What each option must be, and how that is said. */
const CHECKS: { readonly [K in keyof NatsBackplaneOptions]-?: readonly [string, (value: unknown) => boolean] } = {
  servers: ['be a URL, or an array of them', value => [value].flat().length > 0 && [value].flat().every(isText)],
  user: ['be a text', isText],
  password: ['be a text', value => typeof value === 'string'],
  token: ['be a text', isText],
  credentials: ['be the text of a credentials file', isText],
  nkey: ['be the seed of an NKEY', isText],
  tls: [
    'be true, false or an object',
    value => typeof value === 'boolean' || (typeof value === 'object' && value !== null),
  ],
  prefix: ['be 1 to 32 letters, digits, - and _', value => typeof value === 'string' && /^[\w-]{1,32}$/.test(value)],
  replicas: ['be 1, 3 or 5', value => value === 1 || value === 3 || value === 5],
  storage: ["be 'file' or 'memory'", value => value === 'file' || value === 'memory'],
  stallTimeout: ['be 100 to 600000 ms', value => isWhole(value, 100, 600_000)],
  idle: ['be 120000 ms or more', value => value === Number.POSITIVE_INFINITY || isWhole(value, 120_000, 2 ** 40)],
}

const KNOWN = Object.keys(CHECKS).join(', ')

/**
 * @throws UsageError with the name of what is unknown or wrong; never with a password in it
 */
export function resolve(given: string | NatsBackplaneOptions): Settings {
  const options: NatsBackplaneOptions = typeof given === 'string' ? { servers: given } : given
  if (typeof options !== 'object' || options === null) throw new UsageError('natsBackplane takes a URL or options')
  for (const [name, value] of Object.entries(options)) {
    const rule = CHECKS[name as keyof NatsBackplaneOptions]
    if (rule === undefined) throw new UsageError(`natsBackplane has no option ${name}; it has ${KNOWN}`, name)
    if (value !== undefined && !rule[1](value)) throw new UsageError(`${name} of natsBackplane must ${rule[0]}`, name)
  }
  const { servers, prefix, replicas, storage, stallTimeout, idle } = { ...NATS_DEFAULTS, ...defined(options) }
  const urls = readServers(servers)
  const tls = options.tls ?? urls.secure
  return {
    servers: urls.servers,
    user: options.user ?? urls.user,
    password: options.password ?? urls.password,
    token: options.token ?? urls.token,
    credentials: options.credentials,
    nkey: options.nkey,
    tls: tls === true ? {} : tls === false ? undefined : tls,
    ...{ prefix, replicas, storage, stallTimeout, idle },
  }
}

const defined = (options: NatsBackplaneOptions): NatsBackplaneOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

interface Urls {
  readonly servers: string[]
  readonly secure: boolean
  readonly user?: string
  readonly password?: string
  readonly token?: string
}

/** Credentials of the first one that has any hold for all. */
function readServers(given: string | readonly string[]): Urls {
  const urls = [given]
    .flat()
    .flatMap(one => one.split(','))
    .map(readServer)
  const [named] = urls.filter(({ username }) => username !== '')
  const user = named && decodeURIComponent(named.username)
  const password = named && decodeURIComponent(named.password)
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? 4222 : port}`),
    secure: urls.some(({ protocol }) => protocol === 'tls:'),
    ...(user !== undefined && password === '' && { token: user }),
    ...(user !== undefined && password !== undefined && password !== '' && { user, password }),
  }
}

function readServer(text: string): URL {
  const whole = text.includes('://') ? text.trim() : `nats://${text.trim()}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  const fits = url && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname)
  if (!fits || url.search !== '' || url.hash !== '') {
    throw new UsageError('servers of natsBackplane must be nats://host:port or tls://host:port', 'servers')
  }
  return url
}
