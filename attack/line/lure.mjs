/** A server that answers what it likes, for clients to fall for. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A client that came. @typedef {{ request: string, socket: import('node:net').Socket, elsewhere: string, end: (bytes?: Uint8Array | string) => void }} Visit */

/** A good answer to an opening handshake, with more fields. RFC 6455 §4.2.2 @param {{ request: string }} visit @param {string} [fields] */
export function upgrade({ request }, fields = '') {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? ''
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${fields}Sec-WebSocket-Accept: ${accept}\r\n\r\n`
}

export class Lure {
  #server
  url = ''
  /** What was asked, whole. @type {string[]} */
  requests = []
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()

  /** @param {(visit: Visit) => void} answer */
  constructor(answer) {
    this.#server = createServer(socket => {
      this.#sockets.add(socket.setNoDelay(true))
      let request = ''
      const listen = (/** @type {Buffer} */ bytes) => {
        request += bytes.toString('latin1')
        if (!request.includes('\r\n\r\n')) return
        socket.off('data', listen)
        socket.resume()
        this.requests.push(request)
        answer({ request, socket, elsewhere: '', end: bytes => void socket.end(bytes ?? '') })
      }
      socket.on('data', listen).on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** @param {(visit: Visit) => void} answer */
  static async listen(answer) {
    const lure = new Lure(answer)
    await once(lure.#server.listen(0, '127.0.0.1'), 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (lure.#server.address())
    lure.url = `ws://127.0.0.1:${port}`
    return lure
  }

  close() {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
