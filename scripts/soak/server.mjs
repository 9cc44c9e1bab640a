/** The server of the soak: a process of its own, that tells how much memory it holds. Run with --expose-gc. */
import { parseArgs } from 'node:util'
import { prepare, serve } from 'hotline/server'

/** @typedef {{ rss: number, heapUsed: number, external: number, arrayBuffers: number, sockets: number, faults: string[] }} Memory */
/** @typedef {import('hotline/server').ServerSocket} Socket */

const { values } = parseArgs({ options: { leak: { type: 'boolean', default: false } } })

/** @type {string[]} */
const faults = []
/** @type {unknown[]} */
const kept = []
/** @type {Set<Socket>} */
const room = new Set()

const server = await serve({
  port: 0,
  heartbeat: { interval: 5_000, timeout: 5_000 },
  writeTimeout: 5_000,
  report: error => faults.push(String(error)),
  routes: {
    '/echo': {
      message(socket, message) {
        if (values.leak) kept.push(message, Buffer.alloc(65_536))
        return socket.send(message)
      },
    },
    '/loop': async socket => {
      for await (const message of socket) await socket.send(message).catch(() => {})
    },
    '/room': {
      open: socket => room.add(socket),
      message(_, message) {
        const news = prepare(message)
        for (const socket of room) socket.send(news).catch(() => {})
      },
      close: socket => room.delete(socket),
    },
  },
})

process.on('message', async () => {
  for (let count = 0; count < 2; count++) {
    globalThis.gc?.()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  /** @type {Memory} */
  const memory = { rss, heapUsed, external, arrayBuffers, sockets: server.sockets.size, faults: faults.splice(0) }
  process.send?.(memory)
})
// Ctrl-C reaches every process of a terminal; the end is told by the first.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.send?.({ port: server.port })
