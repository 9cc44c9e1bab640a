/** Bun's own server with its defaults, but for what may wait, which it would cut at 16 MiB. */
import { broadcast, listening, MiB, options, tls } from './told.mjs'

// The types of Bun are not those of Node, so they stay outside.
const { Bun } = /** @type {any} */ (globalThis)

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  tls,
  fetch(/** @type {Request} */ request) {
    return server.upgrade(request) ? undefined : new Response('WebSocket only', { status: 426 })
  },
  websocket: {
    perMessageDeflate: options.deflate,
    ...(options.largest > 8192 && { backpressureLimit: 64 * MiB }),
    open(/** @type {any} */ socket) {
      if (broadcast) socket.subscribe('all')
    },
    message(/** @type {any} */ socket, /** @type {string | Uint8Array} */ message) {
      if (broadcast) server.publish('all', message, options.deflate)
      else socket.send(message, options.deflate)
    },
  },
})
listening(server.port)
