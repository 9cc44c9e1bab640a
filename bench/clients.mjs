/** Clients that are measured: one process of one implementation, with so many sockets that send. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeMessage } from './load/messages.mjs'
import { Counter, measure } from './window.mjs'

/** @type {import('./types.ts').ClientOptions} */
const options = JSON.parse(process.argv[2])

/**
 * Opens a socket of the WHATWG API; `answered` is called for each message.
 * @param {typeof globalThis.WebSocket} Implementation
 * @param {() => void} answered
 */
function openStandard(Implementation, answered) {
  const socket = new Implementation(options.url)
  socket.onmessage = answered
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve((/** @type {string} */ text) => socket.send(text))
    socket.onerror = () => reject(new Error('a client could not connect'))
  })
}

/**
 * How each is opened. What it resolves to sends a text.
 * @type {Record<string, (answered: () => void) => Promise<(text: string) => void>>}
 */
const clients = {
  async hotline(answered) {
    const from = options.checkout ? pathToFileURL(join(options.checkout, 'dist/index.js')).href : 'hotline'
    const { WebSocket } = await import(from)
    return openStandard(WebSocket, answered)
  },
  async ws(answered) {
    const { WebSocket } = await import('ws')
    const socket = new WebSocket(options.url)
    socket.on('message', answered)
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
    return text => socket.send(text)
  },
  async undici(answered) {
    const { WebSocket } = await import('undici')
    return openStandard(/** @type {any} */ (WebSocket), answered)
  },
  global: answered => openStandard(globalThis.WebSocket, answered),
}

async function main() {
  const text = makeMessage(options.message).toString()
  const counter = new Counter()
  const loops = Array.from({ length: options.connections }, async () => {
    let [open, since] = [0, 0]
    const send = await clients[options.client](() => {
      counter.add(1, since)
      if (--open === 0) batch()
    })
    const batch = () => {
      open = options.inFlight
      since = performance.now()
      for (let i = 0; i < options.inFlight; i++) send(text)
    }
    return batch
  })
  for (const batch of await Promise.all(loops)) batch()
  return measure(options, { measured: process.pid, other: options.pid }, counter)
}

try {
  console.log(JSON.stringify(await main()))
  process.exit()
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  process.exit(1)
}
