/** The server of the ticker: publishes so many times a second, as the scene has it, and says what became of it. */
import { RATE, SYMBOLS } from './scenes.mjs'

/** @typedef {import('./scenes.mjs').Scene} Scene */
/** @typedef {{ passedOver: number, disconnected: number }} Told */
/** @typedef {{ url: string, publish: (data: object) => void, told: () => Told, end: () => void }} Publisher */
/** Every so many milliseconds its memory is looked at. @typedef {Told & { rss: number[], step: number }} Report */

const { seconds, ...scene } = /** @type {Scene & { seconds: number }} */ (JSON.parse(process.argv[2] ?? '{}'))

/** @returns {Promise<Publisher>} */
async function hotline() {
  const { serve } = await import('hotline/server')
  /** @param {unknown} data */
  const key = data => /** @type {{ symbol: number }} */ (data).symbol
  const { policy, every } = scene
  const server = await serve({
    port: 0,
    deflate: false,
    topics: { ticker: { slow: policy, every, maxPending: 256, ...(policy === 'latest' ? { key } : {}) } },
    routes: { '/': { open: socket => socket.subscribe('ticker') } },
  })
  return {
    url: server.url ?? '',
    publish: data => void server.publish('ticker', data),
    told: () => server.topics.stats('ticker') ?? { passedOver: 0, disconnected: 0 },
    end: () => server.terminate(),
  }
}

/** What one writes over ws when one thinks of nobody slow. @returns {Promise<Publisher>} */
async function ws() {
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `ws://127.0.0.1:${port}`,
    publish: data => {
      const text = JSON.stringify(data)
      for (const client of server.clients) client.send(text)
    },
    told: () => ({ passedOver: 0, disconnected: 0 }),
    end: () => {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}

const publisher = await (scene.server === 'ws' ? ws() : hotline())
process.send?.({ url: publisher.url })
await new Promise(resolve => process.once('message', resolve))

const pad = 'x'.repeat(scene.size)
const start = performance.now()
let n = 0
const publishing = setInterval(() => {
  const due = ((performance.now() - start) / 1000) * RATE
  for (; n < due; n++)
    publisher.publish({ symbol: n % SYMBOLS, n, at: performance.timeOrigin + performance.now(), pad })
}, 1)
/** @type {number[]} */
const rss = []
const step = (seconds * 1000) / 40
const measuring = setInterval(() => rss.push(process.memoryUsage().rss), step)
await new Promise(resolve => setTimeout(resolve, seconds * 1000))
clearInterval(publishing)
clearInterval(measuring)
const { passedOver, disconnected } = publisher.told()
process.send?.({ rss, step, passedOver, disconnected })
await new Promise(resolve => process.once('message', resolve))
publisher.end()
