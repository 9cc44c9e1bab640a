/**
 * A server made of bytes: it sends what no library would, and shows what a client really sent. It judges nothing, and
 * shares no code with src/.
 */
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** A frame as it came: its first byte, the masking key in hex ('' when there was none), the payload without the mask. */
export interface Frame {
  readonly first: number
  readonly key: string
  readonly payload: Buffer
}

export const TEXT = 0x81
export const BINARY = 0x82
export const CLOSE = 0x88

/** A frame of a server, which is not masked. RFC 6455 §5.2 */
export function frame(first: number, payload: string | Uint8Array = ''): Buffer {
  const body = Buffer.from(payload)
  const size = body.length
  const length = size < 126 ? Buffer.of(size) : size < 65_536 ? Buffer.of(126, size >> 8, size & 255) : longLength(size)
  return Buffer.concat([Buffer.of(first), length, body])
}

function longLength(size: number): Buffer {
  const length = Buffer.alloc(9, 127)
  length.writeBigUInt64BE(BigInt(size), 1)
  return length
}

/** A close frame with code and reason. RFC 6455 §5.5.1 */
export const closeFrame = (code: number, reason = ''): Buffer =>
  frame(CLOSE, Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason)]))

/** Sec-WebSocket-Accept for a key. RFC 6455 §1.3 */
export const acceptFor = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** One connection of a client, from the end of its request on. */
export class Wire {
  readonly socket: Socket
  /** The request line and the header fields, as they came. */
  readonly head: string
  /** Called for each frame; those that come before it is set wait for `next`. */
  onframe: ((frame: Frame) => void) | undefined
  #bytes: Buffer[]
  #size: number
  /** Bytes that the next frame has at least. */
  #wanted = 2
  readonly #frames: Frame[] = []
  readonly #arrivals = new EventEmitter()

  constructor(socket: Socket, head: string, rest: Buffer) {
    this.socket = socket
    this.head = head
    this.#bytes = [rest]
    this.#size = rest.length
    socket.on('data', chunk => this.#read(chunk))
  }

  /** The target of the request, relative to some host. */
  get target(): URL {
    return new URL(this.head.split(' ')[1] as string, 'ws://host')
  }

  /** The value of a header field that stands once. */
  header(name: string): string | undefined {
    const wanted = `${name.toLowerCase()}: `
    return this.head
      .split('\r\n')
      .find(line => line.toLowerCase().startsWith(wanted))
      ?.slice(wanted.length)
  }

  /** Switches protocols with these further header lines; what follows leaves in the same write. */
  accept(lines: readonly string[] = [], ...after: Uint8Array[]): this {
    const accept = acceptFor(this.header('Sec-WebSocket-Key') ?? '')
    return this.answer(
      101,
      ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, ...lines],
      ...after,
    )
  }

  /** Writes an answer of HTTP. */
  answer(status: number, lines: readonly string[] = [], ...after: Uint8Array[]): this {
    const head = [`HTTP/1.1 ${status} Status`, ...lines, '', ''].join('\r\n')
    this.socket.write(Buffer.concat([Buffer.from(head), ...after]))
    return this
  }

  /** Writes a frame. */
  frame(first: number, payload?: string | Uint8Array): void {
    this.socket.write(frame(first, payload))
  }

  /** Begins or answers the closing handshake. */
  close(code: number, reason?: string): void {
    this.socket.write(closeFrame(code, reason))
  }

  /** The next frame that nobody has seen. */
  async next(): Promise<Frame> {
    while (this.#frames.length === 0) await once(this.#arrivals, 'frame')
    return this.#frames.shift() as Frame
  }

  /** Answers messages with themselves, and a close frame with itself and the end. */
  echo(): this {
    this.onframe = ({ first, payload }) => {
      this.frame(first, payload)
      if (first === CLOSE) this.socket.end()
    }
    return this
  }

  #read(chunk: Buffer): void {
    this.#bytes.push(chunk)
    this.#size += chunk.length
    if (this.#size < this.#wanted) return
    let bytes: Buffer = Buffer.concat(this.#bytes)
    for (;;) {
      const { frame, size } = parse(bytes)
      this.#wanted = size
      if (frame === undefined) break
      bytes = bytes.subarray(size)
      if (this.onframe === undefined) this.#frames.push(frame)
      else this.onframe(frame)
      this.#arrivals.emit('frame')
    }
    this.#bytes = [bytes]
    this.#size = bytes.length
  }
}

/** The frame at the beginning of the bytes, when it is whole, and the bytes that it has at least. RFC 6455 §5.2 */
function parse(bytes: Buffer): { readonly frame?: Frame; readonly size: number } {
  if (bytes.length < 2) return { size: 2 }
  const [first = 0, second = 0] = bytes
  const declared = second & 0x7f
  const keyAt = declared === 127 ? 10 : declared === 126 ? 4 : 2
  if (bytes.length < keyAt) return { size: keyAt }
  const length = keyAt === 10 ? Number(bytes.readBigUInt64BE(2)) : keyAt === 4 ? bytes.readUInt16BE(2) : declared
  const payloadAt = keyAt + (second & 0x80 ? 4 : 0)
  const size = payloadAt + length
  if (bytes.length < size) return { size }
  const key = bytes.subarray(keyAt, payloadAt)
  const payload = Buffer.from(bytes.subarray(payloadAt, size))
  if (key.length > 0) for (let i = 0; i < length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number)
  return { frame: { first, key: key.toString('hex'), payload }, size }
}

export interface PeerOptions {
  /** Certificate and key: the URL becomes wss. */
  readonly tls?: TlsOptions
  /** A Unix domain socket to listen on instead of a port of 127.0.0.1. */
  readonly path?: string
  readonly host?: string
  /** Hangs up on who speaks TLS to it. */
  readonly hangsUpOnTls?: boolean
}

/** A server that gives every request to `route`. */
export class Peer implements AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly wires: Wire[] = []
  /** Connections that came, with or without a request. */
  readonly sockets = new Set<Socket>()
  readonly #server: ReturnType<typeof createServer>
  readonly #hangsUpOnTls: boolean
  readonly #arrivals = new EventEmitter()

  private constructor(
    server: ReturnType<typeof createServer>,
    { tls, host = '127.0.0.1', hangsUpOnTls = false }: PeerOptions,
  ) {
    this.#server = server
    this.#hangsUpOnTls = hangsUpOnTls
    this.port = (server.address() as AddressInfo).port
    this.url = `${tls === undefined ? 'ws' : 'wss'}://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  static async listen(route: (wire: Wire) => void = () => {}, options: PeerOptions = {}): Promise<Peer> {
    const { tls, path, host = '127.0.0.1' } = options
    const server = tls === undefined ? createServer() : createTlsServer(tls)
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      if (path === undefined) server.listen(0, host, resolve)
      else server.listen(path, resolve)
    })
    const peer = new Peer(server, options)
    server.on(tls === undefined ? 'connection' : 'secureConnection', socket => peer.#connected(socket, route))
    return peer
  }

  /** The next connection that has sent its request. */
  async wire(): Promise<Wire> {
    const seen = this.wires.length
    while (this.wires.length === seen) await once(this.#arrivals, 'wire')
    return this.wires[seen] as Wire
  }

  /** Fulfilled when every connection that came is gone. */
  async empty(): Promise<void> {
    while (this.sockets.size > 0) await once(this.#arrivals, 'gone')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #connected(socket: Socket, route: (wire: Wire) => void): void {
    this.sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.sockets.delete(socket)
      this.#arrivals.emit('gone')
    })
    let bytes: Buffer = Buffer.alloc(0)
    const gather = (chunk: Buffer): void => {
      if (this.#hangsUpOnTls && chunk[0] === 0x16) socket.destroy()
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', gather)
      const wire = new Wire(socket, bytes.toString('latin1', 0, end), bytes.subarray(end + 4))
      this.wires.push(wire)
      route(wire)
      this.#arrivals.emit('wire')
    }
    socket.on('data', gather)
  }
}
