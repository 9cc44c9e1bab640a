/**
 * What is measured: a server, or a client, in a process of its own, with the built package. Its young generation is so large
 * that nothing is collected while it is measured: what the heap grows by is what was allocated.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import { openSocket, WebSocket } from 'hotline/client'
import { prepare, serve } from 'hotline/server'

/** @typedef {import('./measure.ts').Sample} Sample */
/** @typedef {import('hotline/server').ServerSocket} Socket */

const counts = { writes: 0, collections: 0 }

new PerformanceObserver(list => {
  counts.collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

/** Counts the writes of TCP sockets where Node hands them to the system. */
async function countWrites() {
  const server = createServer(socket => socket.destroy())
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const TCP = Object.getPrototypeOf(/** @type {any} */ (server)._handle)
  server.close()
  for (const name of ['writeBuffer', 'writev', 'writeLatin1String', 'writeUtf8String']) {
    const original = TCP[name]
    /** @param {unknown} request @param {unknown} data @param {unknown} more */
    TCP[name] = function (request, data, more) {
      counts.writes++
      return more === undefined ? original.call(this, request, data) : original.call(this, request, data, more)
    }
  }
}

/** The writes of the whole process, as Linux counts them; undefined elsewhere. */
function systemWrites() {
  try {
    return Number(/syscw: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** @returns {Sample} */
function sample() {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, outside: arrayBuffers, systemWrites: systemWrites(), ...counts }
}

/** Sends to everybody, as often as the message says. @param {Set<Socket>} everybody @param {string} times */
function broadcast(everybody, times) {
  for (let count = 0; count < Number(times); count++) {
    const news = prepare(`news ${count} `.padEnd(128, '.'))
    for (const socket of everybody) socket.send(news)
  }
}

async function startServer() {
  /** @type {Set<Socket>} */
  const everybody = new Set()
  const server = await serve({
    port: 0,
    heartbeat: false,
    routes: {
      '/echo': { message: (socket, message) => socket.send(message) },
      '/room': {
        open: socket => everybody.add(socket),
        message: (_, message) => broadcast(everybody, String(message)),
        close: socket => everybody.delete(socket),
      },
    },
  })
  return server.port
}

/** Clients that answer each batch of the peer with a batch. */
const clients = {
  /** @param {string} url @param {number} batch */
  async 'for await'(url, batch) {
    const socket = await openSocket(url, { heartbeat: false })
    const send = () => {
      for (let count = 0; count < batch; count++) socket.send('hello, this is 20 by')
    }
    send()
    let got = 0
    for await (const _ of socket) if (++got % batch === 0) send()
  },
  /** @param {string} url @param {number} batch */
  WebSocket(url, batch) {
    const socket = new WebSocket(url, [], { heartbeat: false })
    const send = () => {
      for (let count = 0; count < batch; count++) socket.send('hello, this is 20 by')
    }
    let got = 0
    socket.onopen = send
    socket.onmessage = () => {
      if (++got % batch === 0) send()
    }
  },
}

await countWrites()
process.on('message', order => {
  const { client, url, batch } = /** @type {{ client?: keyof typeof clients, url: string, batch: number }} */ (order)
  if (client !== undefined) {
    void clients[client](url, batch)
    return
  }
  if (order === 'collect') globalThis.gc?.()
  // What the collection leaves to be told is told in the next turn.
  setTimeout(() => process.send?.(sample()))
})
process.on('disconnect', () => process.exit())
process.send?.({ port: await startServer() })
