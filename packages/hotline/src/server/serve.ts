/** A WebSocket server with an HTTP server of its own. */
import { check, milliseconds, type Rules, resolve, such } from '../connection/options.ts'
import { UsageError, WebSocketError } from '../errors.ts'
import { closeServer, type Listening, listen, type RequestListener, type TlsOptions } from '../runtime/node/http.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { resolveServer, type ServerOptions } from './options.ts'
import { type Closer, Server } from './server.ts'
import { ServerTopics } from './topics.ts'

/** What only `serve` takes. */
export interface OwnServerOptions {
  /**
   * The port to listen on; 0 picks a free one.
   * @defaultValue 8080
   */
  readonly port?: number
  /**
   * The address to listen on. 0.0.0.0 or :: lets other machines connect.
   * @defaultValue '127.0.0.1'
   */
  readonly host?: string
  /**
   * Certificate and key (`cert`, `key`, and the other options of node:tls) for wss://.
   * @defaultValue none: ws://
   */
  readonly tls?: TlsOptions
  /**
   * Answers the requests that are not for WebSocket.
   * @defaultValue 426 with a sentence
   */
  readonly request?: RequestListener
  /**
   * Milliseconds for the headers of a request, and for the TLS handshake.
   * @defaultValue 10 s
   */
  readonly headersTimeout?: number
  /** Closes the server when it is aborted. */
  readonly signal?: AbortSignal
}

/** What `serve` takes. */
export interface ServeOptions<D> extends ServerOptions<D>, OwnServerOptions {}

type Own = Required<Omit<OwnServerOptions, 'tls' | 'signal'>> & {
  tls: TlsOptions | undefined
  signal: AbortSignal | undefined
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const upgradeRequired: RequestListener = (_request, response) => {
  response.writeHead(426, {
    Upgrade: 'websocket',
    Connection: 'Upgrade, close',
    'Content-Type': 'text/plain; charset=utf-8',
  })
  response.end('this is a WebSocket server\n')
}

const OWN_RULES: Rules<Own> = {
  port: such(
    'be a port from 0 to 65535',
    8080,
    value => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535,
  ),
  host: such('be an address or a host name', '127.0.0.1', value => typeof value === 'string' && value !== ''),
  tls: such<TlsOptions | undefined>('be an object with cert and key', undefined, isObject),
  request: such<RequestListener>('be a function', upgradeRequired, value => typeof value === 'function'),
  headersTimeout: milliseconds(10_000),
  signal: such<AbortSignal | undefined>('be an AbortSignal', undefined, value => value instanceof AbortSignal),
}

/**
 * Listens, and opens a line for every request that a route takes.
 *
 * @returns the server once it listens; `await using` closes it
 * @throws UsageError for an unknown or wrong option, by name; HandshakeError `ERR_CONNECT` when the port cannot be had,
 *   with the system's error as `cause`; BackplaneError when the engine of `backplane` cannot be had
 * @example
 * ```ts
 * import { serve } from 'hotline/server'
 *
 * await using server = await serve({
 *   port: 0,
 *   routes: {
 *     '/echo': async socket => {
 *       for await (const message of socket) await socket.send(message)
 *     },
 *   },
 * })
 * console.log(server.url)
 * ```
 */
export async function serve<D>(options: ServeOptions<D>): Promise<Server> {
  if (!isObject(options)) throw new UsageError('serve needs an object with routes', 'routes')
  check(options.tls === undefined ? {} : { tls: options.tls }, OWN_RULES as never, 'serve')
  const resolved = resolveServer(options, 'serve', OWN_RULES)
  const own = resolve(options as Partial<Own>, OWN_RULES)
  const { signal } = own
  if (signal?.aborted) throw new WebSocketError('ERR_ABORTED', 'serve was aborted', { cause: signal.reason })
  const topics = new ServerTopics(resolved, nodeRuntime.clock)
  if (resolved.joined.backplane !== undefined) await topics.open()
  const http = await listen(own).catch(async error => {
    await topics.close(Promise.resolve())
    throw error
  })
  try {
    const scheme = own.tls === undefined ? 'ws' : 'wss'
    const server = new Server(http.server, resolved, scheme, closerOf(http), nodeRuntime, topics)
    if (signal !== undefined) closeOn(signal, server)
    return server
  } catch (error) {
    closeServer(http)
    throw error
  }
}

function closeOn(signal: AbortSignal, server: Server): void {
  const close = (): void => void server.close()
  signal.addEventListener('abort', close)
  server.http.once('close', () => signal.removeEventListener('abort', close))
  if (signal.aborted) close()
}

function closerOf(http: Listening): Closer {
  let closing: ReturnType<typeof closeServer> | undefined
  const close = (): ReturnType<typeof closeServer> => (closing ??= closeServer(http))
  return {
    finish: () => close().finish(),
    cut: () => close().cut(),
    get done() {
      return close().done
    },
  }
}
