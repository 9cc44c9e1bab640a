/** A socket that a client opens: the same object that servers work with. */
import { Session } from '../connection/session.ts'
import { Socket } from '../connection/socket.ts'
import { UsageError, type WebSocketError } from '../errors.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { toText } from './convert.ts'
import { establish, type Handshake, onAbort } from './establish.ts'
import { asOptions, type ClientOptions, resolveClient } from './options.ts'
import { parseProtocols, parseUrl } from './url.ts'

/** What `openSocket` takes. */
export interface OpenOptions extends ClientOptions {
  /**
   * The subprotocols to offer, the preferred one first.
   * @defaultValue none
   */
  readonly protocols?: string | readonly string[]
}

/** A client's end of a line. */
export class ClientSocket extends Socket {
  /** The URL that it was opened with. */
  readonly url: string
  /** The opening handshake as it went over the wire. */
  readonly handshake: Handshake

  /** @internal */
  constructor(parts: ConstructorParameters<typeof Socket>, url: string, handshake: Handshake) {
    super(...parts)
    this.url = url
    this.handshake = handshake
  }
}

/**
 * Opens a line once, and gives a socket with backpressure: `await socket.send()`, `for await (const message of socket)`.
 *
 * @param url - ws:, wss:, http: or https:
 * @returns the socket when the handshake is complete; rejects with a HandshakeError that has the answer's status, headers
 *   and body, with a TimeoutError, or with ERR_ABORTED
 * @throws UsageError for an unknown or wrong option, by name
 * @example
 * ```ts
 * import { openSocket } from 'hotline/client'
 *
 * await using socket = await openSocket('wss://example.com/echo')
 * await socket.send('hello')
 * for await (const message of socket) {
 *   console.log(message)
 *   break
 * }
 * ```
 */
export async function openSocket(url: string | URL, options: OpenOptions = {}): Promise<ClientSocket> {
  const { protocols = [], ...rest } = asOptions(options, 'openSocket')
  const resolved = resolveClient(rest, 'openSocket')
  const target = asUsage('url', () => parseUrl(toText(url)))
  const list = typeof protocols === 'string' ? [protocols] : protocols
  const offered = asUsage('protocols', () => parseProtocols([...list].map(toText)))
  const attempt = new AbortController()
  let end = (error: WebSocketError): void => attempt.abort(error)
  const forgetSignal = onAbort(resolved.signal, error => end(error))
  try {
    const { transport, head, agreement, compression, handshake } = await establish(
      target,
      offered,
      resolved,
      attempt.signal,
    )
    if (attempt.signal.aborted) {
      transport.destroy()
      throw attempt.signal.reason
    }
    const { limits } = resolved
    const session = new Session({ role: 'client', transport, runtime: nodeRuntime, limits, compression }, error =>
      console.error(error),
    )
    end = error => session.connection.terminate(error)
    session.whenClosed.then(forgetSignal)
    session.connection.start(head)
    return new ClientSocket([session, agreement], target.href, handshake)
  } catch (error) {
    forgetSignal()
    throw error
  }
}

/** The WHATWG class throws DOMExceptions; here the errors are ours. */
function asUsage<T>(option: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message, option)
  }
}
