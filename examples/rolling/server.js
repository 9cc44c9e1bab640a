/** One of the servers: topics that all of them share, a health check, and an end in order. What differs stands in the environment. */
import { serve } from 'hotline/server'

const {
  PORT = '8080',
  HOST = '127.0.0.1',
  BACKPLANE,
  TRUST_PROXY = '127.0.0.1',
  SPREAD = '5',
  NOTICE = '0',
} = process.env

/** What the servers have in common: their topics. @param {string} url */
async function backplaneOf(url) {
  if (/^(nats|tls):/.test(url)) return (await import('hotline/nats')).natsBackplane(url)
  return (await import('hotline/redis')).redisBackplane(url)
}

const server = await serve({
  port: Number(PORT),
  host: HOST,
  ...(BACKPLANE ? { backplane: await backplaneOf(BACKPLANE) } : {}),
  // Those who are in front say who the client is.
  trustProxy: TRUST_PROXY.split(','),
  topics: {
    'public/**': {
      subscribe: true,
      publish: true,
      // What a client may have missed that comes back: a replay of 4 MiB is some 4 000 short publications.
      history: { size: 10_000, age: 60_000, bytes: 16_777_216 },
      replay: { size: 10_000, bytes: 4_194_304 },
    },
  },
  routes: { '/topics': { topics: true } },
  request: (request, response) => {
    if (request.url !== '/healthz') return void response.writeHead(404).end()
    // Unready from the first moment of the end: what is in front sends nobody any more.
    response.writeHead(server.draining ? 503 : 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end(JSON.stringify({ sockets: server.sockets.size }))
  },
})
console.log(server.url)

process.once('SIGTERM', async () => {
  process.once('SIGTERM', () => server.terminate())
  const report = await server.close({ spread: Number(SPREAD) * 1000, notice: Number(NOTICE) * 1000 })
  console.log(JSON.stringify(report))
})
