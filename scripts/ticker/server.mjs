/** The server of the ticker: publishes so many times a second, as it is told, and says what became of it. */
import { serve } from 'hotline/server'

/** @typedef {{ policy: import('hotline/server').SlowPolicy, every: number, size: number, seconds: number }} Order */

const SYMBOLS = 50
const RATE = 1000

/** @param {unknown} data */
const key = data => /** @type {{ symbol: number }} */ (data).symbol
const order = /** @type {Order} */ (JSON.parse(process.argv[2] ?? '{}'))
const { policy, every, size, seconds } = order
const options = { slow: policy, every, maxPending: 256, ...(policy === 'latest' ? { key } : {}) }
const server = await serve({
  port: 0,
  deflate: false,
  topics: { ticker: options },
  routes: { '/': { open: socket => socket.subscribe('ticker') } },
})
process.send?.({ url: server.url })
await new Promise(resolve => process.once('message', resolve))

const pad = 'x'.repeat(size)
const start = performance.now()
let n = 0
const publishing = setInterval(() => {
  const due = ((performance.now() - start) / 1000) * RATE
  for (; n < due; n++)
    server.publish('ticker', { symbol: n % SYMBOLS, n, at: performance.timeOrigin + performance.now(), pad })
}, 1)
/** @type {number[]} */
const rss = []
const measuring = setInterval(() => rss.push(process.memoryUsage().rss), (seconds * 1000) / 8)
await new Promise(resolve => setTimeout(resolve, seconds * 1000))
clearInterval(publishing)
clearInterval(measuring)
process.send?.({ rss, stats: server.topics.stats('ticker') })
await new Promise(resolve => process.once('message', resolve))
server.terminate()
