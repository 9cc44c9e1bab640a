/** A client's and a server's socket that are joined in memory, on a fake clock. */
import { CLIENT_LIMITS, type Limits, SERVER_LIMITS } from '../../connection/limits.ts'
import { resolve } from '../../connection/options.ts'
import { Runtime } from '../../connection/runtime.ts'
import { Session } from '../../connection/session.ts'
import { Socket } from '../../connection/socket.ts'
import type { Role } from '../../protocol/opcode.ts'
import { portableCodec } from '../../protocol/text.ts'
import { FakeClock } from './clock.ts'
import { type MemoryTransport, transportPair } from './transport.ts'

/** Bounds for each end; see `Limits`. */
export interface SocketPairOptions {
  readonly client?: Partial<Limits>
  readonly server?: Partial<Limits>
}

/** Both ends of a line, its clock, and its wire. */
export interface SocketPair {
  readonly client: Socket
  readonly server: Socket
  readonly clock: FakeClock
  /** The client's and the server's transport, to cut. */
  readonly wires: readonly [client: MemoryTransport, server: MemoryTransport]
}

/** A runtime without a system below it. Its keys can be predicted: it is for tests only. */
export function memoryRuntime(clock: FakeClock): Runtime {
  let key = 0x01020304
  const randomKey = (): number => {
    key = (Math.imul(key, 1_664_525) + 1_013_904_223) | 0
    return key
  }
  const unused = (): never => {
    throw new Error('a pair in memory has no opening handshake')
  }
  return new Runtime({ clock, codec: portableCodec, crypto: { sha1: unused, randomBase64: unused }, randomKey })
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
  const [client, server] = [
    socketOn(runtime, 'client', wires[0], resolve(options.client ?? {}, CLIENT_LIMITS)),
    socketOn(runtime, 'server', wires[1], resolve(options.server ?? {}, SERVER_LIMITS)),
  ]
  return { client, server, clock, wires }
}

function socketOn(runtime: Runtime, role: Role, transport: MemoryTransport, limits: Limits): Socket {
  const session = new Session({ role, transport, runtime, limits }, error => {
    throw error
  })
  session.connection.start(new Uint8Array(0))
  return new Socket(session, { protocol: '', extensions: [] })
}
