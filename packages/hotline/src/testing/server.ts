/** A server in memory: its routes, authorize and limits are the real ones, its network and its clock are not. */
import { CLIENT_LIMITS, type Limits } from '../connection/limits.ts'
import { resolve } from '../connection/options.ts'
import type { Runtime } from '../connection/runtime.ts'
import { Session } from '../connection/session.ts'
import { Socket } from '../connection/socket.ts'
import type { Transport } from '../connection/transport.ts'
import { UsageError, WebSocketError } from '../errors.ts'
import {
  type Agreement,
  type Request,
  type ResponseHead,
  readResponse,
  requestFields,
} from '../protocol/handshake/client.ts'
import type { Field } from '../protocol/handshake/fields.ts'
import { createKey } from '../protocol/handshake/key.ts'
import { FakeClock } from '../runtime/memory/clock.ts'
import { memoryRuntime, type PairFaults, withFaults } from '../runtime/memory/sockets.ts'
import { type MemoryTransport, transportPair } from '../runtime/memory/transport.ts'
import { nodeCrypto } from '../runtime/node/crypto.ts'
import { unheardServer } from '../runtime/node/unheard.ts'
import { resolveServer, type ServerOptions } from '../server/options.ts'
import type { ServerSocket } from '../server/routes.ts'
import type { RouteSession } from '../server/run.ts'
import { Server } from '../server/server.ts'
import { MemoryUpgrade } from './upgrade.ts'

/** How a client comes to a server in memory. */
export interface MemoryOpenOptions {
  /**
   * Header fields of the request, such as Authorization or Cookie.
   * @defaultValue none
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * The page's origin, as a browser says it.
   * @defaultValue none: not a browser
   */
  readonly origin?: string
  /**
   * The subprotocols to offer, the preferred one first.
   * @defaultValue none
   */
  readonly protocols?: readonly string[]
  /**
   * The address that the client seems to have.
   * @defaultValue '127.0.0.1'
   */
  readonly remoteAddress?: string
  /**
   * Bounds of the client's end; see `Limits`.
   * @defaultValue those of clients
   */
  readonly limits?: Partial<Limits>
  /**
   * What goes wrong on the open line, with what each end sends.
   * @defaultValue nothing
   */
  readonly faults?: PairFaults
  /** Stops waiting for the answer, as a client does that goes away. */
  readonly signal?: AbortSignal
}

/** A line to a server in memory. */
export interface MemoryLine {
  readonly client: Socket
  /** The same line as the route has it. */
  readonly server: ServerSocket
  /** The client's and the server's transport, to cut. */
  readonly wires: readonly [client: MemoryTransport, server: MemoryTransport]
}

const NOT_OURS = { finish() {}, cut() {}, done: Promise.resolve() }

const HOST = 'memory.test'

/** A server that no network leads to; `memoryServer` makes one. It has all that a `Server` has, but for `url` and `port`. */
export class MemoryServer extends Server {
  /** The clock of the server and of all its lines. */
  readonly clock: FakeClock
  readonly #runtime: Runtime
  /** Takes the session of the request that is being accepted. */
  #takeSession: ((session: RouteSession) => void) | undefined

  /** @internal */
  constructor(options: ServerOptions<unknown>) {
    const clock = new FakeClock()
    const runtime = memoryRuntime(clock, nodeCrypto)
    super(unheardServer(), resolveServer(options, 'memoryServer'), 'ws', NOT_OURS, runtime)
    this.clock = clock
    this.#runtime = runtime
    this.topics.openSoon()
  }

  /**
   * Opens a line, by the same steps as over a network: origin, `authorize`, subprotocol. It is not compressed.
   *
   * @param path - with the query, such as `/chat/lobby?since=5`
   * @returns both ends; rejects with a HandshakeError that has `status` and `body` when it was refused
   * @throws UsageError for a path that does not begin with a slash
   */
  async open(path: string, options: MemoryOpenOptions = {}): Promise<MemoryLine> {
    if (!path.startsWith('/')) throw new UsageError(`a path begins with /, so '${path}' is none`, 'path')
    const limits = resolve(options.limits ?? {}, CLIENT_LIMITS)
    const wires = transportPair()
    const [near, far] = withFaults(wires, options.faults, this.clock)
    const request = { key: createKey(nodeCrypto), protocols: options.protocols ?? [], extensions: [] }
    let session: RouteSession | undefined
    const answer = await this.#ask(path, options, request, far, accepted => (session = accepted))
    const agreement = readResponse(answer, request, nodeCrypto)
    const client = this.#clientOn(near, limits, agreement)
    const serverOf = (): ServerSocket => {
      if (session === undefined) throw new UsageError('the request was refused by a close, so the server has no socket')
      return session.socket
    }
    return {
      client,
      wires,
      get server() {
        return serverOf()
      },
    }
  }

  /** @internal */
  override opened(session: RouteSession): void {
    super.opened(session)
    this.#takeSession?.(session)
    this.#takeSession = undefined
  }

  #ask(
    target: string,
    options: MemoryOpenOptions,
    request: Request,
    transport: Transport,
    take: (session: RouteSession) => void,
  ): Promise<ResponseHead> {
    const { remoteAddress: address = '127.0.0.1', signal } = options
    return new Promise((resolve, reject) => {
      const accepted = (): void => {
        this.#takeSession = take
      }
      const asked = { target, fields: fieldsOf(options, request), address, transport }
      const upgrade = new MemoryUpgrade(asked, resolve, accepted)
      const abort = (): void => {
        reject(new WebSocketError('ERR_ABORTED', 'the caller aborted', { cause: signal?.reason }))
        upgrade.abandon()
      }
      if (signal?.aborted) {
        abort()
        return
      }
      signal?.addEventListener('abort', abort, { once: true })
      if (!this.take(upgrade)) this.missed(upgrade)
    })
  }

  #clientOn(transport: Transport, limits: Limits, agreement: Agreement): Socket {
    const session = new Session({ role: 'client', transport, runtime: this.#runtime, limits }, error => {
      throw error
    })
    session.connection.start(new Uint8Array(0))
    return new Socket(session, agreement)
  }
}

function fieldsOf({ headers = {}, origin }: MemoryOpenOptions, request: Request): Field[] {
  const fields: Field[] = [['Host', HOST], ...Object.entries(headers), ...requestFields(request)]
  if (origin !== undefined) fields.push(['Origin', origin])
  return fields
}

/**
 * The routes of an application without a network, on a clock that stands still until the test moves it.
 *
 * @throws UsageError for an unknown or wrong option, by name
 * @example
 * ```ts
 * import { memoryServer } from 'hotline/testing'
 *
 * await using server = memoryServer({
 *   routes: { '/echo': { message: (socket, message) => socket.send(message) } },
 * })
 * const { client } = await server.open('/echo')
 * await client.send('hello')
 * ```
 */
export const memoryServer = <D>(options: ServerOptions<D>): MemoryServer =>
  new MemoryServer(options as ServerOptions<unknown>)
