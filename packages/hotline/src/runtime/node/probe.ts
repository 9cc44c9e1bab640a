/**
 * The probe of the lane: before a process opens it, a pair of its own sockets has to echo through it, over TCP and over TLS
 * each on its own. A Node where the parts of lane.ts are there but do something else is found out here, and not by peers.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as tls from 'node:tls'
import { isLaneWanted, isLaneWhole, openLane } from './lane.ts'
import { NodeTransport } from './transport.ts'

/** Milliseconds after which an echo does not come any more. */
const PATIENCE = 2_000

const STEPS = 20

/** By which parts of Node the bytes of sockets move: undocumented ones, or documented ones for the reason that is named. */
export interface LaneReport {
  readonly tcp: 'direct' | { readonly public: string }
  readonly tls: 'direct' | { readonly public: string }
}

type Kind = keyof LaneReport

const reports: Partial<Record<Kind, Promise<LaneReport[Kind]>>> = {}

/**
 * Tells by which parts of Node the bytes of this process' sockets move: with the lane, reading into one buffer and writing
 * past the stream; or by documented API only, and why. See docs/guide/lanes.md.
 *
 * @returns the same as long as the process runs; the first call tries it out, which takes some milliseconds
 * @example
 * ```ts
 * import { lane } from 'hotline/server'
 *
 * const { tcp, tls } = await lane()
 * console.log(tcp === 'direct' ? 'the lane is open' : `documented API only: ${tcp.public}`, tls)
 * ```
 */
export async function lane(): Promise<LaneReport> {
  return { tcp: await probeLane('tcp'), tls: await probeLane('tls') }
}

/** Opens the lane if its probe succeeds: once in a process for each kind, in a few milliseconds. Never rejects. */
export function probeLane(kind: Kind): Promise<LaneReport[Kind]> {
  reports[kind] ??= isLaneWanted ? report(kind) : Promise.resolve({ public: 'HOTLINE_LANE=public' })
  return reports[kind]
}

async function report(kind: Kind): Promise<LaneReport[Kind]> {
  try {
    await probe(kind)
    openLane(kind)
    return 'direct'
  } catch (error) {
    return { public: (error as Error).message }
  }
}

/** Rejects when a pair of sockets does not echo through the lane. */
export async function probe(kind: Kind): Promise<void> {
  const pair = new Pair(kind)
  try {
    await pair.within(PATIENCE, run(pair))
    if (!isLaneWhole(kind === 'tls')) throw new Error('this Node has no such parts')
  } finally {
    pair.dispose()
  }
}

async function run(pair: Pair): Promise<void> {
  if (pair.kind === 'tcp') await learn(pair)
  await echo(pair)
}

/** An ordinary write, by which the lane learns how Node writes. */
async function learn(pair: Pair): Promise<void> {
  const socket = await pair.connect()
  await pair.connected(socket)
  new NodeTransport(socket, true).write([Buffer.of(0)])
}

/** What is sent: one piece, several, then on while the other end is paused, then the end. */
async function echo(pair: Pair): Promise<void> {
  const socket = await pair.connect()
  // On Windows nothing can be written before the connection is there.
  if (pair.kind === 'tls' || process.platform === 'win32') await pair.connected(socket)
  const near = new End(socket, pair)
  near.send([pattern(700)])
  const far = new End(await pair.accepted(socket), pair)
  far.on = bytes => far.send([bytes])
  await near.has(700)
  near.send([pattern(1, 3), pattern(2000, 5), pattern(300, 7)])
  await near.has(3001)
  far.transport.pause()
  near.send([pattern(900, 11)])
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  if (far.size !== 3001) throw new Error('a paused socket went on reading')
  far.transport.resume()
  await near.has(3901)
  near.transport.end()
  await far.over('ended')
  far.transport.end()
  await Promise.all([near.over('closed'), far.over('closed')])
  for (const end of [near, far]) end.check()
}

/** Bytes that differ from place to place. */
const pattern = (size: number, from = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + from) & 255)

/** One end, with what came compared with what was sent at the other. */
class End {
  readonly transport: NodeTransport
  readonly #socket: Socket
  readonly #pair: Pair
  readonly #sent: Uint8Array[] = []
  readonly #got: Uint8Array[] = []
  readonly #events = new Set<string>()
  size = 0
  on: (bytes: Uint8Array) => void = () => {}

  constructor(socket: Socket, pair: Pair) {
    this.#socket = socket
    this.#pair = pair
    this.transport = new NodeTransport(socket, true)
    this.transport.open({
      data: (bytes, start, end) => this.#data(new Uint8Array(bytes.subarray(start, end))),
      written: () => pair.look(),
      ended: () => this.#note('ended'),
      closed: error => this.#note(error === undefined ? 'closed' : error.message),
    })
  }

  send(pieces: Uint8Array[]): void {
    this.#sent.push(...pieces)
    this.transport.write(pieces)
  }

  /** So many bytes have come, and what was written is known to have left. */
  has(size: number): Promise<void> {
    return this.#pair.until(() => this.size >= size && this.transport.queued === 0)
  }

  over(event: 'ended' | 'closed'): Promise<void> {
    return this.#pair.until(() => this.#events.has(event))
  }

  /** An echo: what came is what was sent. */
  check(): void {
    const sent = Buffer.concat(this.#sent)
    if (!sent.equals(Buffer.concat(this.#got))) throw new Error('bytes were changed on the way')
    const { bytesRead, bytesWritten } = this.#socket
    if (this.#pair.kind === 'tcp' && (bytesRead !== sent.length || bytesWritten !== sent.length)) {
      throw new Error('bytes were not counted')
    }
  }

  #data(bytes: Uint8Array): void {
    this.#got.push(bytes)
    this.size += bytes.length
    this.on(bytes)
    this.#pair.look()
  }

  #note(event: string): void {
    this.#events.add(event)
    this.#pair.look()
  }
}

/** TLS needs a certificate, or a key that both ends know. */
const PSK: tls.TlsOptions & tls.ConnectionOptions = { ciphers: 'PSK', maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' }
const secret = (): { psk: Buffer; identity: string } => ({ psk: Buffer.alloc(16, 1), identity: 'hotline' })

/** A server on this machine, and the sockets at both of its sides. */
class Pair {
  readonly kind: Kind
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #accepted: Socket[] = []
  readonly #looks = new Set<() => void>()
  #fault: Error | undefined

  constructor(kind: Kind) {
    this.kind = kind
    const take = (socket: Socket): void => {
      this.#keep(socket)
      this.#accepted.push(socket)
      this.look()
    }
    const options = { allowHalfOpen: true, pauseOnConnect: kind === 'tcp' }
    this.#server =
      kind === 'tcp'
        ? createServer(options, take)
        : tls.createServer({ ...options, ...PSK, pskCallback: () => secret().psk }, take)
    this.#server.on('error', error => this.#fail(error))
    // In a cluster, the worker's own.
    this.#server.listen({ port: 0, host: '127.0.0.1', exclusive: true })
  }

  /** A socket that may not be connected yet, but is about to be. */
  async connect(): Promise<Socket> {
    if (!this.#server.listening) await once(this.#server, 'listening')
    const { port } = this.#server.address() as { port: number }
    const to = { port, host: '127.0.0.1', allowHalfOpen: true }
    const socket =
      this.kind === 'tcp'
        ? connect(to)
        : tls.connect({ ...to, ...PSK, pskCallback: secret, checkServerIdentity: () => undefined })
    this.#keep(socket)
    await new Promise<void>(resolve => process.nextTick(resolve))
    return socket
  }

  async connected(socket: Socket): Promise<void> {
    if (this.kind === 'tls' || socket.connecting) await once(socket, this.kind === 'tls' ? 'secureConnect' : 'connect')
  }

  /** The other end of a socket: anybody on this machine may have connected. */
  async accepted(socket: Socket): Promise<Socket> {
    const find = (): Socket | undefined => this.#accepted.find(one => one.remotePort === socket.localPort)
    await this.until(() => find() !== undefined)
    return find() as Socket
  }

  /** Fulfilled when that is so, which is looked at whenever something has happened. */
  until(is: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.#fault !== undefined) reject(this.#fault)
        else if (is()) resolve()
        else return
        this.#looks.delete(look)
      }
      this.#looks.add(look)
      look()
    })
  }

  look(): void {
    for (const look of this.#looks) look()
  }

  async within(ms: number, work: Promise<void>): Promise<void> {
    // In steps, each of which begins when the loop has had its turn: a program that blocks it takes one away.
    let left = STEPS
    const step = (): void => {
      if (--left > 0) timer = setTimeout(step, ms / STEPS)
      else this.#fail(new Error(`no echo within ${ms} ms`))
    }
    let timer = setTimeout(step, ms / STEPS)
    const failed = this.until(() => false)
    try {
      await Promise.race([work, failed])
    } finally {
      clearTimeout(timer)
    }
  }

  dispose(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', error => this.#fail(error))
  }

  #fail(error: Error): void {
    this.#fault ??= error
    this.look()
  }
}
