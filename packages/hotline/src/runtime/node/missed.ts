/**
 * Upgrades that Node takes for ordinary requests and answers: its parser does not see `Upgrade` in Connection when a tab stands
 * behind it, which is a blank as good as a space. RFC 9110 §5.6.3
 *
 * Gap: RFC 9110 §5.6.3: on a server that `attach` was given, such a request goes to the application as any other.
 */
import type { ClientRequest, IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { Fields } from '../../protocol/handshake/fields.ts'

/** What came behind the request, as far as it has been read. */
const heads = new WeakMap<Socket, Buffer>()

/** Requests that were handed over, and their connections. */
const handed = new WeakSet<IncomingMessage | Socket>()

/** True for a request for WebSocket, or the answer to one, that should have come as an upgrade. */
export function isMissed({ headers, rawHeaders }: IncomingMessage): boolean {
  if (headers.upgrade === undefined) return false
  const fields = Fields.fromFlat(rawHeaders)
  return fields.hasToken('connection', 'upgrade') && fields.hasToken('upgrade', 'websocket')
}

/** Hands it over as an upgrade, when Node has done with the bytes that it came in. */
export function handOver(server: Server, request: IncomingMessage): void {
  const { socket } = request
  heads.set(socket, Buffer.alloc(0))
  handed.add(socket).add(request)
  process.nextTick(() => {
    takeFromParser(socket)
    const head = heads.get(socket)
    heads.delete(socket)
    if (socket.destroyed) return
    if (!server.emit('upgrade', request, socket, head)) socket.destroy()
  })
}

/**
 * True for what the parser takes for a request behind one that was handed over, in the same chunk: those bytes are the line's,
 * so there is no second answer. They are lost to the line, and it goes with them unless it was refused already.
 */
export function isBehind(request: IncomingMessage, socket: Socket): boolean {
  if (!handed.has(socket) || handed.has(request)) return false
  if (heads.has(socket)) socket.destroy()
  return true
}

/** Watches what a client reads, so that frames right behind such an answer can be told from it: Node drops them. */
export class Watch {
  readonly #socket: Socket
  /** The end of what came before the last chunk, where the end of a head can begin. */
  #before: Buffer = Buffer.alloc(0)
  #chunk: Buffer = Buffer.alloc(0)
  /** Interim answers whose heads end in the last chunk. RFC 9110 §15.2 */
  #interim = 0

  constructor(request: ClientRequest, socket: Socket) {
    this.#socket = socket.prependListener('data', this.#read)
    request.on('information', () => this.#interim++)
  }

  #read = (chunk: Buffer): void => {
    this.#before = Buffer.concat([this.#before, this.#chunk]).subarray(-3)
    this.#chunk = chunk
    this.#interim = 0
  }

  /** Node keeps the request, and it what listens: no bytes are kept by them. */
  stop(): void {
    this.#socket.off('data', this.#read)
    this.#before = this.#chunk = Buffer.alloc(0)
  }

  /** Takes the socket from such an answer, once Node has done with the chunk. */
  takeOver(response: IncomingMessage, taken: (socket: Socket, head: Uint8Array) => void): void {
    // The end of the line is an error to who waits for a body, and what ends well would be asked for more.
    response.on('error', () => {}).removeAllListeners('end')
    process.nextTick(() => {
      const head = this.#head()
      this.stop()
      takeFromParser(this.#socket)
      taken(this.#socket, head)
    })
  }

  #head(): Uint8Array {
    const bytes = Buffer.concat([this.#before, this.#chunk])
    let end = -4
    for (let heads = 0; heads <= this.#interim; heads++) end = bytes.indexOf('\r\n\r\n', end + 4)
    return bytes.subarray(end + 4)
  }
}

/** To listen takes the bytes from Node's parser, and what Node listens with goes. */
function takeFromParser(socket: Socket): void {
  socket.on('data', () => {})
  for (const event of ['data', 'end', 'drain', 'timeout']) socket.removeAllListeners(event)
  socket.pause()
}

/** Keeps frames that came right behind such a request, which are no HTTP; false when this is something else. */
export function keepHead(error: Error & { rawPacket?: Buffer; bytesParsed?: number }, socket: Socket): boolean {
  if (!heads.has(socket)) return false
  heads.set(socket, error.rawPacket?.subarray(error.bytesParsed) ?? Buffer.alloc(0))
  return true
}
