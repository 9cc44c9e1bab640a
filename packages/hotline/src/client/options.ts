/** What a client of Node can set beyond what browsers know. */
import {
  CLIENT_DEFLATE_RULES,
  type DeflateOptions,
  type DeflateSettings,
  deflateRule,
  resolveDeflate,
} from '../connection/deflate-options.ts'
import { CLIENT_LIMITS, type Limits } from '../connection/limits.ts'
import { check, milliseconds, type Rule, type Rules, resolve, such } from '../connection/options.ts'
import { UsageError } from '../errors.ts'
import { isFieldValue, isToken } from '../protocol/handshake/fields.ts'
import { readUrl } from '../protocol/handshake/url.ts'
import type { TlsClientOptions } from '../runtime/node/dial.ts'

/** Options of a client, the third argument of `new WebSocket` in Node. */
export interface ClientOptions extends Partial<Limits> {
  /**
   * Header fields of the handshake request, such as Authorization or Cookie. Those of the handshake itself are not yours.
   * @defaultValue none: no cookie is ever sent by itself
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * The Origin header, for servers that ask for one.
   * @defaultValue none
   */
  readonly origin?: string
  /**
   * Of node:tls, for wss: `ca`, `cert`, `key`, `servername`, … With `rejectUnauthorized: false` anybody can read the line.
   * @defaultValue the system's trust
   */
  readonly tls?: TlsClientOptions
  /**
   * Milliseconds until the handshake must be complete, from DNS to the answer.
   * @defaultValue 10 s
   */
  readonly handshakeTimeout?: number
  /**
   * The HTTP proxy to tunnel through, by CONNECT; false for none.
   * @defaultValue what HTTPS_PROXY (wss), HTTP_PROXY (ws), ALL_PROXY and NO_PROXY say
   */
  readonly proxy?: string | URL | false
  /**
   * A Unix domain socket to connect to instead of the URL's host; the URL still says Host and path.
   * @defaultValue none
   */
  readonly socketPath?: string
  /**
   * Compression (permessage-deflate, RFC 7692): true, false, or its options.
   * @defaultValue true: offered as browsers offer it, for messages from 1 KiB on
   */
  readonly deflate?: boolean | DeflateOptions
  /** Ends the handshake, and cuts the line when it is open. */
  readonly signal?: AbortSignal
}

export interface ResolvedClient {
  readonly limits: Limits
  readonly headers: Readonly<Record<string, string>>
  readonly origin: string | undefined
  readonly tls: TlsClientOptions
  readonly handshakeTimeout: number
  readonly proxy: URL | false | undefined
  readonly socketPath: string | undefined
  readonly deflate: DeflateSettings | undefined
  readonly signal: AbortSignal | undefined
}

type Own = { readonly [K in keyof Omit<ClientOptions, keyof Limits>]-?: ClientOptions[K] | undefined }

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const isProxy = (value: unknown): boolean =>
  value === false ||
  ((typeof value === 'string' || value instanceof URL) && /^https?:$/.test(parse(value)?.protocol ?? ''))

const parse = (value: string | URL): URL | undefined => readUrl(String(value))

/** The fields that the handshake itself writes. RFC 6455 §4.1 */
const OWN_FIELDS = /^(upgrade|connection|content-length|transfer-encoding|sec-websocket-.*)$/i

/** @throws UsageError with the name of the field that is wrong */
function checkHeaders(headers: object, owner: string): void {
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_FIELDS.test(name)) throw new UsageError(`header ${name} of ${owner} belongs to the handshake`, 'headers')
    if (!isToken(name) || typeof value !== 'string' || !isFieldValue(value))
      throw new UsageError(`header '${name}' of ${owner} must be a token with a value without line breaks`, 'headers')
  }
}

const whatever = such<never>('be what node:tls takes', undefined as never, () => true)

/** What of node:tls is let through. A misspelt name must not go unnoticed, nor the string 'false'. */
const TLS_RULES: Rules<TlsClientOptions> = {
  ca: whatever,
  cert: whatever,
  key: whatever,
  passphrase: whatever,
  pfx: whatever,
  rejectUnauthorized: such<boolean | undefined>('be true or false', true, value => value === false),
  servername: whatever,
  minVersion: whatever,
  checkServerIdentity: whatever,
}

const RULES: Rules<Own> = {
  headers: such(
    'be an object with header fields',
    undefined,
    value => isObject(value) && !(Symbol.iterator in (value as object)),
  ),
  origin: such(
    'be an origin such as https://example.com',
    undefined,
    value => typeof value === 'string' && isFieldValue(value),
  ),
  tls: such('be an object with options of node:tls', undefined, isObject),
  handshakeTimeout: milliseconds(10_000),
  proxy: such('be the URL of an HTTP proxy, or false', undefined, isProxy),
  socketPath: such(
    'be the path of a Unix domain socket',
    undefined,
    value => typeof value === 'string' && value !== '',
  ),
  deflate: deflateRule as Rule<boolean | DeflateOptions | undefined>,
  signal: such('be an AbortSignal', undefined, value => value instanceof AbortSignal),
}

/** The options, or a UsageError when they are no object. */
export function asOptions<O>(options: O, owner: string): O {
  if (!isObject(options)) throw new UsageError(`the options of ${owner} must be an object`, 'options')
  return options
}

/** @throws UsageError with the name of the option that is unknown or wrong */
export function resolveClient(options: ClientOptions, owner: string): ResolvedClient {
  asOptions(options, owner)
  check(options, { ...CLIENT_LIMITS, ...RULES } as never, owner)
  const own = resolve(options as Partial<Own>, RULES)
  const { proxy, headers = {}, tls = {} } = own
  checkHeaders(headers, owner)
  check(tls, TLS_RULES as never, `tls of ${owner}`)
  return {
    limits: resolve(options as Partial<Limits>, CLIENT_LIMITS),
    headers,
    origin: own.origin,
    tls,
    handshakeTimeout: own.handshakeTimeout as number,
    proxy: typeof proxy === 'string' ? parse(proxy) : proxy,
    socketPath: own.socketPath,
    deflate: resolveDeflate(own.deflate ?? true, CLIENT_DEFLATE_RULES),
    signal: own.signal,
  }
}
