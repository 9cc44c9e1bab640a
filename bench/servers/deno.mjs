/** Deno's own server with its defaults. It has no compression and no publish. */
import { broadcast, listening, tls } from './told.mjs'

// The types of Deno are not those of Node, so they stay outside.
const { Deno } = /** @type {any} */ (globalThis)
/** @type {Set<WebSocket>} */
const sockets = new Set()

Deno.serve(
  {
    hostname: '127.0.0.1',
    port: 0,
    ...(tls && { key: tls.key.toString(), cert: tls.cert.toString() }),
    onListen: (/** @type {{ port: number }} */ { port }) => listening(port),
  },
  (/** @type {Request} */ request) => {
    /** @type {{ socket: WebSocket, response: Response }} */
    const { socket, response } = Deno.upgradeWebSocket(request)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => sockets.add(socket)
    socket.onclose = () => sockets.delete(socket)
    socket.onerror = () => {}
    socket.onmessage = ({ data }) => {
      if (!broadcast) return socket.send(data)
      for (const each of sockets) if (each.readyState === WebSocket.OPEN) each.send(data)
    }
    return response
  },
)
