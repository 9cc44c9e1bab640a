/** What the tests of connections share: a socket over memory whose peer is the test, and promises that can be looked at. */
import { CLIENT_LIMITS, type Limits, SERVER_LIMITS } from '../../src/connection/limits.ts'
import { resolve } from '../../src/connection/options.ts'
import type { Runtime } from '../../src/connection/runtime.ts'
import { Session } from '../../src/connection/session.ts'
import { Socket } from '../../src/connection/socket.ts'
import type { Transport, TransportHandler } from '../../src/connection/transport.ts'
import type { Role } from '../../src/protocol/opcode.ts'
import { Receiver } from '../../src/protocol/receiver.ts'
import { portableCodec } from '../../src/protocol/text.ts'
import { FakeClock } from '../../src/runtime/memory/clock.ts'
import { memoryRuntime } from '../../src/runtime/memory/sockets.ts'
import { type MemoryTransport, transportPair } from '../../src/runtime/memory/transport.ts'
import { frame, fromPeer, masked, Notes, otherEnd, utf8 } from '../protocol/support.ts'
import type { Told } from '../vectors/vector.ts'

export { settle } from '../../src/runtime/memory/clock.ts'

/** The other end of the line, in the hands of the test: it sends bytes, and writes down the frames that reach it. */
class Peer implements TransportHandler {
  readonly wire: MemoryTransport
  /** What the socket is that this is the peer of. */
  readonly #role: Role
  readonly #notes = new Notes()
  readonly #receiver: Receiver
  /** Bytes that came. */
  received = 0
  ended_ = false
  closed_: { error: Error | undefined } | undefined

  constructor(wire: MemoryTransport, role: Role) {
    this.wire = wire
    this.#role = role
    this.#receiver = new Receiver({ role: otherEnd(role), maxMessage: 1 << 26, codec: portableCodec }, this.#notes)
    wire.open(this)
  }

  /** The frames that came, in order. */
  get told(): readonly Told[] {
    return this.#notes.told
  }

  /** The texts that came. */
  get texts(): unknown[] {
    return this.told.filter(([name]) => name === 'text').map(([, text]) => text)
  }

  /** Sends frames as hex, `81 01 41 | 89 00`, masked when it has to be. */
  send(frames: string): void {
    this.wire.write([fromPeer(this.#role, frames)])
  }

  /** Sends whole text messages, all of them in one chunk. */
  text(...texts: string[]): void {
    this.wire.write([this.#joined(texts.map(text => this.#frame(0x81, utf8(text))))])
  }

  /** Sends a close frame. */
  close(code: number, reason = ''): void {
    this.wire.write([this.#frame(0x88, Uint8Array.of(code >> 8, code & 255, ...utf8(reason)))])
  }

  #frame(first: number, payload: Uint8Array): Uint8Array {
    const plain = frame(first, payload)
    return this.#role === 'server' ? masked(plain) : plain
  }

  #joined(frames: readonly Uint8Array[]): Uint8Array {
    return Uint8Array.from(frames.flatMap(one => [...one]))
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.received += end - start
    this.#receiver.receive(bytes, start, end)
  }

  written(): void {}

  ended(): void {
    this.ended_ = true
  }

  closed(error?: Error): void {
    this.closed_ = { error }
  }
}

export interface LineOptions extends Partial<Limits> {
  /** Bytes that the wire holds in each direction. */
  readonly capacity?: number
  /** What the socket's end is, a server as a rule. */
  readonly role?: Role
  /** What came behind the opening handshake. */
  readonly head?: Uint8Array
}

/** A socket on a fake clock, its peer, and the errors of handlers that were told. */
export function line({ capacity, role = 'server', head, ...limits }: LineOptions = {}) {
  const clock = new FakeClock()
  const runtime = memoryRuntime(clock)
  const [near, far] = transportPair(capacity === undefined ? {} : { capacity })
  const peer = new Peer(far, role)
  return { clock, runtime, peer, near, ...socketOver(near, { role, runtime, limits, ...(head && { head }) }) }
}

/** A socket over any transport. */
export function socketOver(
  transport: Transport,
  options: { role?: Role; runtime: Runtime; limits?: Partial<Limits>; head?: Uint8Array },
) {
  const { role = 'server', runtime, limits = {}, head = new Uint8Array(0) } = options
  const all = resolve(limits, role === 'server' ? SERVER_LIMITS : CLIENT_LIMITS)
  const reported: unknown[] = []
  const session = new Session({ role, transport, runtime, limits: all }, error => reported.push(error))
  const socket = new Socket(session, { protocol: '', extensions: [] })
  const start = (): void => session.connection.start(head)
  if (options.head === undefined) start()
  return { session, socket, reported, start }
}

/** How a promise stands, for looking at it without waiting. */
export interface Watched<T> {
  state: 'pending' | 'fulfilled' | 'rejected'
  value?: T
  error?: Error & { code?: string }
}

export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: 'pending' }
  promise.then(
    value => Object.assign(watched, { state: 'fulfilled', value }),
    error => Object.assign(watched, { state: 'rejected', error }),
  )
  return watched
}

/** A promise that the test fulfils. */
export function gate<T = void>() {
  let open: (value: T) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { promise, open, fail }
}
