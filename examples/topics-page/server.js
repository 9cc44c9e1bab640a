/** A chat by topics: the page, and a route that speaks hotline.1 with it. */
import { readFile } from 'node:fs/promises'
import { RequestError, serve } from 'hotline/server'

/** @type {Record<string, [type: string, file: string]>} */
const files = {
  '/': ['text/html; charset=utf-8', 'page.html'],
  '/client.js': ['text/javascript; charset=utf-8', 'client.js'],
  '/page.js': ['text/javascript; charset=utf-8', 'page.js'],
}

const server = await serve({
  port: Number(process.env['PORT'] ?? 3000),
  topics: {
    'rooms/*': {
      subscribe: true,
      publish: (_socket, _topic, data) => typeof data === 'string' && data.length <= 500,
      history: { size: 100, age: 3_600_000 },
      presence: { grace: 1000 },
    },
  },
  routes: { '/line': { topics: true } },
  requests: {
    add(_socket, data) {
      if (Array.isArray(data) && data.every(one => typeof one === 'number')) return data.reduce((a, b) => a + b, 0)
      throw new RequestError('schema', 'add takes a list of numbers')
    },
  },
  request(request, response) {
    const [type, file] = files[request.url ?? ''] ?? []
    if (type === undefined || file === undefined) response.writeHead(404).end('there is nothing here\n')
    else
      readFile(new URL(file, import.meta.url)).then(
        body => response.setHeader('Content-Type', type).end(body),
        () => response.destroy(),
      )
  },
})
console.log(server.url)

const stop = () => server.close({ within: 2_000, retryAfter: 500 })
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
