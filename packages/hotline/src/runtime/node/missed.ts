/**
 * Upgrade requests that Node takes for ordinary ones: its parser does not see `Upgrade` in Connection when a tab stands
 * behind it, which is a blank as good as a space. RFC 9110 §5.6.3
 *
 * Gap: RFC 9110 §5.6.3: on a server that `attach` was given, such a request goes to the application as any other.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { Fields } from '../../protocol/handshake/fields.ts'

/** What came behind the request, as far as it has been read. */
const heads = new WeakMap<Socket, Buffer>()

/** True for a request for WebSocket that should have come as an upgrade. */
export function isMissed({ headers, rawHeaders }: IncomingMessage): boolean {
  if (headers.upgrade === undefined) return false
  const fields = Fields.fromFlat(rawHeaders)
  return fields.hasToken('connection', 'upgrade') && fields.hasToken('upgrade', 'websocket')
}

/** Hands it over as an upgrade, when Node has done with the bytes that it came in. */
export function handOver(server: Server, request: IncomingMessage): void {
  const { socket } = request
  heads.set(socket, Buffer.alloc(0))
  process.nextTick(() => {
    // To listen takes the bytes from Node's parser, and what Node listens with goes.
    socket.on('data', () => {})
    for (const event of ['data', 'end', 'drain', 'timeout']) socket.removeAllListeners(event)
    socket.pause()
    const head = heads.get(socket)
    heads.delete(socket)
    if (!server.emit('upgrade', request, socket, head)) socket.destroy()
  })
}

/** Keeps frames that came right behind such a request, which are no HTTP; false when this is something else. */
export function keepHead(error: Error & { rawPacket?: Buffer; bytesParsed?: number }, socket: Socket): boolean {
  if (!heads.has(socket)) return false
  heads.set(socket, error.rawPacket?.subarray(error.bytesParsed) ?? Buffer.alloc(0))
  return true
}
