// What a server of our own answers to what is not HTTP. RFC 9112 §2.2, RFC 6585 §5
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { deferred } from '../../../src/connection/deferred.ts'
import { attach } from '../../../src/server/index.ts'
import { listening } from '../../server/support.ts'
import { Log, within } from '../../support/deadline.ts'
import { requestText } from '../../support/raw.ts'

/** All that a client of bytes is answered until the connection ends; `error` when it was reset. */
async function answerTo(port: number, request: string): Promise<{ text: string; error: string | undefined }> {
  const socket = connect(port, '127.0.0.1')
  const answer = { text: '', error: undefined as string | undefined }
  socket.on('data', chunk => {
    answer.text += chunk
  })
  socket.on('error', error => {
    answer.error = (error as NodeJS.ErrnoException).code
  })
  socket.write(request)
  await within('the end of the connection', once(socket, 'close'))
  return answer
}

/** So many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

test('a client that sends 1 MiB of headers at once gets to read its 431, time after time', async () => {
  await using own = await listening({ routes: { '/': {} } })
  for (let round = 0; round < 20; round++) {
    const { text, error } = await answerTo(own.port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(1 << 20)}\r\n\r\n`)
    expect([text.split('\r\n')[0], error]).toEqual(['HTTP/1.1 431 Request Header Fields Too Large', undefined])
  }
})

test.each(['garbage\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000\r\n\r\n', `${'x'.repeat(100_000)}\r\n\r\n`])(
  'what is not HTTP is answered with 400 once',
  async request => {
    await using own = await listening({ routes: { '/': {} } })
    expect((await answerTo(own.port, request)).text).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  },
)

describe('requests on one connection that wait for their answers', () => {
  const asked = (count: number): string =>
    `${'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count - 1)}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`

  test.each([
    [32, 'each has its answer'],
    [33, 'with one more the connection is cut'],
    [2000, 'no more than 32 are looked at'],
  ])('of %i in one go %s', async count => {
    let seen = 0
    const request: RequestListener = (_asked, response) => {
      seen++
      response.end('x')
    }
    await using own = await listening({ routes: { '/': {} }, request })
    const { text } = await answerTo(own.port, asked(count))
    const answers = text.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0
    if (count === 32) expect(answers).toBe(32)
    else expect(answers).toBeLessThan(32)
    expect(seen).toBe(32)
    expect(await answerTo(own.port, asked(1))).toMatchObject({ text: expect.stringContaining('200 OK') })
  })
})

test('answers that waited for one another when their connection was lost hold up no end of the server', async () => {
  const lost = deferred<void>()
  await using own = await listening({
    routes: { '/': {} },
    request: asked => void asked.socket.once('close', lost.resolve),
  })
  const hasty = connect(own.port, '127.0.0.1').on('error', () => {})
  hasty.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5), () => hasty.destroy())
  await within('the end of the hasty one', lost.promise)
  // As browsers keep one for what may come.
  const idle = connect(own.port, '127.0.0.1')
  await within('a connection', once(idle, 'connect'))
  await within('the end of the server', own.server.close({ within: 60_000 }))
  idle.destroy()
})

describe('an upgrade right behind a request that has no answer yet', () => {
  const first = 'GET /first HTTP/1.1\r\nHost: x\r\n\r\n'
  const asks = (upgrade: string, connection = 'Upgrade'): string =>
    requestText({ path: '/', headers: { Upgrade: upgrade, Connection: connection } })
  const servers = {
    'a server of our own': async (request: RequestListener) => {
      const own = await listening({ routes: { '/': {} }, request })
      return { port: own.port, [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() }
    },
    'a server that was attached to': async (request: RequestListener) => {
      const http = createServer(request).listen(0, '127.0.0.1')
      await once(http, 'listening')
      const attached = attach(http, { routes: { '/': {} } })
      const port = (http.address() as AddressInfo).port
      return { port, [Symbol.asyncDispose]: () => attached.close().then(() => void http.close()) }
    },
  }
  const late: RequestListener = (asked, response) => {
    setImmediate(() => response.end(`of ${asked.url}`))
  }
  const atOnce: RequestListener = (asked, response) => {
    response.end(`of ${asked.url}`)
  }

  describe.each(Object.entries(servers))('%s', (_where, open) => {
    describe.each([
      ['late', late],
      ['at once', atOnce],
    ])('answers %s', (_when, request) => {
      test.each(['websocket', 'h2c'])('answers the request first: %s', async upgrade => {
        await using it = await open(request)
        const socket = connect(it.port, '127.0.0.1')
        const came = new Log<string>()
        let text = ''
        socket.on('data', chunk => {
          text += chunk
          came.push(text)
        })
        socket.write(first + asks(upgrade))
        await came.until('both answers', () => (text.match(/HTTP\/1.1 /g) ?? []).length === 2)
        expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', `HTTP/1.1 ${upgrade === 'h2c' ? 200 : 101}`])
        expect(text.indexOf('of /first')).toBeLessThan(text.lastIndexOf('HTTP/1.1 '))
        socket.destroy()
      })
    })

    test('ends no process when its peer resets at any moment of the answers', async () => {
      let asked = 0
      await using it = await open((_asked, response) => {
        turns(asked++ % 9).then(() => response.end('x'.repeat(300_000)))
      })
      const peers = Array.from({ length: 120 }, async (_, count) => {
        const socket = connect(it.port, '127.0.0.1').on('error', () => {})
        if (count % 5 > 0) socket.resume()
        socket.write(first.repeat(1 + (count % 2)) + asks(count % 3 === 0 ? 'h2c' : 'websocket'))
        await turns(count % 25)
        socket.resetAndDestroy()
      })
      await Promise.all(peers)
      await answerTo(it.port, 'garbage\r\n\r\n')
    })

    test('is forgotten when its peer goes meanwhile, and the answers are given to nobody', async () => {
      const waiting: ServerResponse[] = []
      await using it = await open((_asked, response) => void waiting.push(response))
      for (let count = 2; count <= 20; count += 2) {
        const socket = connect(it.port, '127.0.0.1').on('error', () => {})
        socket.write(first + first + asks('websocket'))
        await expect.poll(() => waiting.length).toBe(count)
        const [one, other] = waiting.slice(-2)
        // The first waits to be written when the peer goes, or it has gone already.
        if (count % 4 === 0) one?.end('x'.repeat(10_000_000))
        socket.resetAndDestroy()
        await turns(count % 3)
        if (!one?.writableEnded) one?.end('x')
        other?.end('x'.repeat(100_000))
      }
      await answerTo(it.port, 'garbage\r\n\r\n')
    })
  })
})

test('a tunnel that is asked for behind a request is refused behind its answer', async () => {
  const request: RequestListener = (_asked, response) => void setImmediate(() => response.end('first'))
  await using own = await listening({ routes: { '/': {} }, request })
  const text = `GET / HTTP/1.1\r\nHost: x\r\n\r\nCONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n`
  expect((await answerTo(own.port, text)).text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 405'])
})

test('another protocol that is asked for behind a request of which nobody was told ends the connection, not the process', async () => {
  const http = createServer().listen(0, '127.0.0.1')
  // Node tells of no request that expects something but by this.
  http.on('checkContinue', () => {})
  await once(http, 'listening')
  const attached = attach(http, { routes: { '/': {} } })
  const { port } = http.address() as AddressInfo
  const expecting = 'GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n'
  expect(await answerTo(port, expecting + requestText({ headers: { Upgrade: 'h2c' } }))).toMatchObject({ text: '' })
  await attached.close()
  http.close()
})

test('a request for another protocol pins no connection once it has its answer', async () => {
  await using own = await listening({ routes: { '/': {} }, request: (_asked, response) => void response.end('x') })
  const client = connect({ port: own.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  const gone = deferred<void>()
  client.once('close', gone.resolve)
  client.resume().write(requestText({ headers: { Upgrade: 'h2c' } }))
  await within('the end of its answer', once(client, 'end'))
  // It never ends its own side; the server does not wait for that.
  const busy = setInterval(() => client.write('x'), 100)
  await within('the end of the connection', gone.promise)
  clearInterval(busy)
})
