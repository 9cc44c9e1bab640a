/** The log of `hotline serve`: one line for each thing that happens, with the number of the socket, and no secret. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { within } from '../../../hotline/test/support/deadline.ts'
import { logged, serving, untilLogged } from '../support/hotline.ts'

const SECRET = 'c2VjcmV0LW9mLWEtdXNlcg'

async function open(url: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, {
    headers: { Authorization: `Bearer ${SECRET}`, Cookie: `a=${SECRET}` },
  })
  socket.on('error', () => {})
  await within('a line', once(socket, 'open'))
  return socket
}

test('a line is written about from its opening to its end, with one number, and what it carried', async () => {
  await using server = await serving()
  const socket = await open(`${server.url}/topics?token=${SECRET}`, ['hotline.1', `hotline.token.${SECRET}`])
  socket.close(4000, 'bye')
  const closed = await untilLogged(server, { msg: 'closed', code: 4000 })
  expect(logged(server).find(({ msg }) => msg === 'opened')).toEqual({
    ...{ level: 30, time: expect.any(Number), msg: 'opened' },
    ...{ socket: 1, path: '/topics', address: '127.0.0.1', protocol: 'hotline.1' },
  })
  expect(closed).toEqual({
    ...{ level: 30, time: expect.any(Number), msg: 'closed' },
    ...{ socket: 1, path: '/topics', code: 4000, reason: 'bye', clean: true, seconds: expect.any(Number) },
    ...{ messages: { received: 0, sent: 1 }, bytes: { received: 11, sent: expect.any(Number) } },
  })
  expect(server.err.all.join('\n')).not.toContain(SECRET)
})

test('who is sent away has a line with why, and what it would have been called', async () => {
  await using server = await serving()
  const socket = new WebSocket(`${server.url}/refused?token=${SECRET}`, { origin: server.url.replace('ws', 'http') })
  socket.on('error', () => {})
  const line = await untilLogged(server, { msg: 'refused' })
  expect(line).toMatchObject({
    ...{ level: 30, request: 1, outcome: 'authorize', status: 401, reason: 'this route lets nobody in' },
    ...{ path: '/refused', address: '127.0.0.1', origin: server.url.replace('ws', 'http'), ms: expect.any(Number) },
  })
  expect(JSON.stringify(line)).not.toContain(SECRET)
})

test('a limit that a line passes has a line of its own', async () => {
  await using server = await serving('--max-message', '1KiB')
  const socket = await open(`${server.url}/echo`)
  socket.send('x'.repeat(1025))
  const line = await untilLogged(server, { msg: 'limit passed' })
  expect(line).toMatchObject({ level: 30, socket: 1, limit: 'maxMessage', value: 1024 })
})

test('what a peer says stands in the log as text, and ends no line of it', async () => {
  await using server = await serving()
  const socket = await open(`${server.url}/echo`)
  socket.close(4000, 'a\n{"level":60}\u001b[31m')
  await untilLogged(server, { msg: 'closed', reason: 'a\n{"level":60}\u001b[31m' })
  expect(server.err.all.filter(line => line.includes('\u001b') || line.startsWith('{"level":60'))).toEqual([])
})
