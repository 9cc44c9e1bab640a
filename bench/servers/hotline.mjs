/** hotline with its defaults: limits, origin check and heartbeat are on, compression is there for who offers it. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { broadcast, listening, options, tls } from './told.mjs'

const from = options.checkout ? pathToFileURL(join(options.checkout, 'dist/server/index.js')).href : 'hotline/server'
/** @type {typeof import('hotline/server')} */
const { prepare, serve } = await import(from)

const server = await serve({
  port: 0,
  ...(tls && { tls }),
  routes: {
    '/': {
      message: broadcast
        ? (_socket, message) => {
            const prepared = prepare(message)
            for (const socket of server.sockets) socket.send(prepared)
          }
        : (socket, message) => socket.send(message),
    },
  },
})
listening(/** @type {number} */ (server.port))
