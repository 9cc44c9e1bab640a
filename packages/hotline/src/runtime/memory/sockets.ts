/** A client's and a server's socket that are joined in memory, on a fake clock. */
import { CLIENT_LIMITS, type Limits, SERVER_LIMITS } from '../../connection/limits.ts'
import { resolve } from '../../connection/options.ts'
import { Runtime } from '../../connection/runtime.ts'
import { Session } from '../../connection/session.ts'
import { Socket } from '../../connection/socket.ts'
import type { Transport } from '../../connection/transport.ts'
import type { HandshakeCrypto } from '../../protocol/handshake/key.ts'
import type { Role } from '../../protocol/opcode.ts'
import { portableCodec } from '../../protocol/text.ts'
import { FakeClock } from './clock.ts'
import { type Faults, faulty } from './faults.ts'
import { type MemoryTransport, transportPair } from './transport.ts'

/** What goes wrong with what each end sends. */
export interface PairFaults {
  readonly client?: Faults
  readonly server?: Faults
}

/** Bounds for each end (see `Limits`), and what goes wrong between them. */
export interface SocketPairOptions {
  readonly client?: Partial<Limits>
  readonly server?: Partial<Limits>
  /**
   * For what the client and what the server sends.
   * @defaultValue none
   */
  readonly faults?: PairFaults
}

/** Both ends of a line, its clock, and its wire. */
export interface SocketPair {
  readonly client: Socket
  readonly server: Socket
  readonly clock: FakeClock
  /** The client's and the server's transport, to cut. */
  readonly wires: readonly [client: MemoryTransport, server: MemoryTransport]
}

const unused = (): never => {
  throw new Error('a pair in memory has no opening handshake')
}
const NO_CRYPTO: HandshakeCrypto = { sha1: unused, randomBase64: unused }

/** A runtime without a system below it. Its keys can be predicted: it is for tests only. */
export function memoryRuntime(clock: FakeClock, crypto: HandshakeCrypto = NO_CRYPTO): Runtime {
  let key = 0x01020304
  const randomKey = (): number => {
    key = (Math.imul(key, 1_664_525) + 1_013_904_223) | 0
    return key
  }
  return new Runtime({ clock, codec: portableCodec, crypto, randomKey })
}

/**
 * A line in memory, past its opening handshake.
 *
 * @example
 * ```ts
 * import { socketPair } from 'hotline/testing'
 *
 * const { client, server } = socketPair()
 * await client.send('hello')
 * for await (const message of server) {
 *   console.log(message)
 *   break
 * }
 * ```
 */
export function socketPair(options: SocketPairOptions = {}): SocketPair {
  const clock = new FakeClock()
  const runtime = memoryRuntime(clock)
  const wires = transportPair()
  const [near, far] = withFaults(wires, options.faults, clock)
  const [client, server] = [
    socketOn(runtime, 'client', near, resolve(options.client ?? {}, CLIENT_LIMITS)),
    socketOn(runtime, 'server', far, resolve(options.server ?? {}, SERVER_LIMITS)),
  ]
  return { client, server, clock, wires }
}

/** Both ends as their sockets see them. */
export function withFaults(
  [client, server]: readonly [Transport, Transport],
  faults: PairFaults = {},
  clock: FakeClock,
): [client: Transport, server: Transport] {
  return [
    faults.client === undefined ? client : faulty(client, faults.client, clock),
    faults.server === undefined ? server : faulty(server, faults.server, clock),
  ]
}

function socketOn(runtime: Runtime, role: Role, transport: Transport, limits: Limits): Socket {
  const session = new Session({ role, transport, runtime, limits }, error => {
    throw error
  })
  session.connection.start(new Uint8Array(0))
  return new Socket(session, { protocol: '', extensions: [] })
}
