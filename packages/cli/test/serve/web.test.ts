/** What `hotline serve` answers to plain HTTP. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { dirname, join } from 'node:path/posix'
import { Parser } from '@asyncapi/parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { within } from '../../../hotline/test/support/deadline.ts'
import { Site } from '../../src/serve/site.ts'
import { webListener } from '../../src/serve/web.ts'
import { type Running, serving } from '../support/hotline.ts'

let server: Running & { readonly url: string }
beforeAll(async () => {
  server = await serving()
})
afterAll(() => server[Symbol.asyncDispose]())

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Sends the path as it is, which fetch() would tidy up. */
async function ask(path: string, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  const asking = request({ host: hostname, port, path, method, agent: false })
  asking.end()
  const [response] = (await within('an answer', once(asking, 'response'))) as [IncomingMessage]
  response.setEncoding('utf8')
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode, headers: response.headers, body }
}

test('/healthz says that all is well', async () => {
  const { status, headers, body } = await ask('/healthz')
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, 'application/json', 'no-store'])
  expect(JSON.parse(body)).toEqual({ status: 'ok', uptime: expect.any(Number), sockets: 0, rooms: 0 })
})

test('/healthz says when the server is closing: 503', async () => {
  const health = { status: 'draining', uptime: 1, sockets: 2, rooms: 0 } as const
  const draining = createServer(
    webListener(
      new Site(new Map()),
      () => health,
      () => ({}),
    ),
  )
  await once(draining.listen(0, '127.0.0.1'), 'listening')
  const { port } = draining.address() as { port: number }
  const response = await fetch(`http://127.0.0.1:${port}/healthz`)
  expect([response.status, await response.json()]).toEqual([503, health])
  draining.close()
})

test('/asyncapi.json describes the echo, the rooms and the topics, and the official parser takes it', async () => {
  const { status, headers, body } = await ask('/asyncapi.json')
  expect([status, headers['content-type']]).toEqual([200, 'application/json'])
  const { document, diagnostics } = await new Parser().parse(body)
  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([])
  const channels = document?.channels().all() ?? []
  expect(channels.map(channel => channel.address())).toEqual(['/echo', '/rooms/{room}', '/topics', 'public/{rest}'])
  const messages = document?.channels().get('topics.public')?.messages().all() ?? []
  expect(messages.map(message => message.name())).toEqual(['publish', 'publication', 'published', 'error', 'presence'])
  expect(document?.servers().get('here')?.host()).toBe(new URL(server.url).host)
})

describe('the page', () => {
  test('is HTML that is asked for again each time', async () => {
    const { status, headers, body } = await ask('/')
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ])
    expect(body).toContain('<title>')
  })

  test.each(['/', '/events', '/frame', '/nowhere', '/seed-client.js?url=ws://a/'])(
    '%s comes with a strict policy: nothing inline, nothing from elsewhere',
    async path => {
      const { headers } = await ask(path)
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
    },
  )

  test('has nothing inline and nothing from elsewhere', async () => {
    for (const path of ['/', '/events', '/frame', '/404']) {
      const { body } = await ask(path)
      expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=|(src|href)="(https?:)?\/\//)
    }
  })

  test.each(['events', 'chat', 'ticker', 'game', 'compare'])(
    '/%s has its whole source beside it, as text',
    async name => {
      const { status, body } = await ask(`/${name}/source`)
      expect([status, /<script|\bstyle=/.test(body)]).toEqual([200, false])
      const files = [...body.matchAll(/href="([^"]+\.ts)"/g)].map(([, path = '']) => path)
      expect(files.length).toBeGreaterThan(3)
      expect(files.filter(file => file.includes('test'))).toEqual([])
      const [, folder = ''] = /In the repository it is <code>([^<]+)</.exec(body) ?? []
      const inRepository = (file: string): string => {
        const path = file.replace(/^\/\w+\/source\//, '')
        return /^(examples|packages)\//.test(path) ? path : `${folder}/${path}`
      }
      const shown = files.map(inRepository)
      for (const file of files) {
        const source = await ask(file)
        expect([source.status, source.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
        const imports = [...source.body.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => path)
        expect(shown, `what ${file} imports`).toEqual(
          expect.arrayContaining(imports.map(path => join(dirname(inRepository(file)), path))),
        )
      }
      expect(body).toContain(`href="/${name}/source/examples/look/base.css"`)
    },
  )

  test('has assets with hashed names, which may be kept for ever', async () => {
    const { body } = await ask('/events')
    const assets = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
    expect(new Set(assets.map(path => path.split('.').at(-1)))).toEqual(new Set(['js', 'css', 'svg']))
    const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' }
    for (const path of assets) {
      expect(path).toMatch(/-[\w-]{8}\.\w+$/)
      const { status, headers } = await ask(path)
      expect([status, headers['content-type'], headers['cache-control']]).toEqual([
        200,
        types[path.split('.').at(-1) as keyof typeof types],
        'public, max-age=31536000, immutable',
      ])
    }
  })

  test('is small: one round trip after the HTML, and less than 40 KB in all', async () => {
    const { body } = await ask('/events')
    const assets = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
    const sizes = await Promise.all([...new Set(assets)].map(async path => (await ask(path)).body.length))
    expect(body.length + sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40_000)
  })
})

test.each(['/', '/healthz', '/asyncapi.json', '/nowhere', '/echo', '/seed-client.js?url=ws://a/'])(
  'HEAD %s is GET without the body',
  async path => {
    const [head, get] = [await ask(path, 'HEAD'), await ask(path)]
    expect(head.body).toBe('')
    expect(head.status).toBe(get.status)
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.body)))
  },
)

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed', async method => {
  const { status, headers } = await ask('/', method)
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
})

test.each(['/echo', '/rooms/lobby', '/refused', '/refused/told'])(
  '%s as a page says that it is for WebSocket',
  async path => {
    const { status, headers, body } = await ask(path)
    expect([status, headers.upgrade]).toEqual([426, 'websocket'])
    expect(body).toBe(`This address is for WebSocket: hotline connect ${server.url}${path}\n`)
  },
)

test.each([
  '/nowhere',
  '/assets/',
  '/assets',
  '/../package.json',
  '/assets/../../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/package.json',
  '/assets/..%5c..%5cpackage.json',
  '//etc/passwd',
  '/index.html/',
  '/constructor',
  '/__proto__',
  '/%',
  '/rooms/',
  '/rooms/a/b',
])('%s is a page that does not exist', async path => {
  const { status, headers, body } = await ask(path)
  expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
  expect(body).toContain('Nobody answers here')
})

describe('/seed-client.js', () => {
  const client = readFileSync(new URL('../fixtures/seed-client.txt', import.meta.url), 'utf8')

  test.each([
    'ws://127.0.0.1:8080/echo',
    'wss://example.com/socket',
    'wss://[::1]:1/a?b=c&d=$1$&',
    'ws://host/%22%3E',
    "ws://host/it's",
  ])('with %s is the client of the notes, unchanged but for the URL', async url => {
    const { status, headers, body } = await ask(`/seed-client.js?url=${encodeURIComponent(url)}`)
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'no-store',
    ])
    expect(body.split(url)).toEqual(client.split('wss://example.com/socket'))
  })

  test.each([
    '',
    'url=',
    'url=http://example.com/',
    'url=javascript:alert(1)',
    'url=ws://',
    'url=ws://host/%23fragment',
    'url=wss://host/%23',
    'url=%22)%3Balert(1)//',
    `url=ws://host/${'a'.repeat(2048)}`,
    'url=ws://ho%20st/',
  ])('refuses %j', async query => {
    const { status, headers, body } = await ask(`/seed-client.js?${query}`)
    expect([status, headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8'])
    expect(body).not.toContain('alert')
  })

  test.each([
    'ws://host/");alert(1)//',
    'ws://host/?");alert(1)//',
    'ws://host/\\");alert(1)//',
    'ws://host/?\\");alert(1)//',
    'ws://host/\n");alert(1)//',
    'ws://host/\u2028alert(1)',
    'ws://u:");alert(1)@host/',
    'ws://host/</script><script>alert(1)</script>',
  ])('with %j has no other effect than that its URL is in the string', async url => {
    const { status, body } = await ask(`/seed-client.js?url=${encodeURIComponent(url)}`)
    expect(status).toBe(200)
    const [before = '', after = ''] = client.split('wss://example.com/socket')
    expect(body.startsWith(before) && body.endsWith(after)).toBe(true)
    const literal = body.slice(before.length - 1, body.length - after.length + 1)
    expect(JSON.parse(literal)).toBe(new URL(url).href)
  })
})
