// What a server of our own answers to what is not HTTP. RFC 9112 §2.2, RFC 6585 §5
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { deferred } from '../../../src/connection/deferred.ts'
import { listening } from '../../server/support.ts'
import { within } from '../../support/deadline.ts'

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
