/** `/metrics` of `hotline serve`: what it says, and to whom. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { METRICS } from '../../../hotline/src/observe/metrics.ts'
import { within } from '../../../hotline/test/support/deadline.ts'
import { isLocal, isSecret } from '../../src/serve/guard.ts'
import { type Running, run, serving, untilLogged } from '../support/hotline.ts'

const TOKEN = 'a-token-of-forty-characters-0123456789ab'

let open: Running & { readonly url: string }
let guarded: typeof open
beforeAll(async () => {
  open = await serving()
  guarded = await serving('--metrics-token', TOKEN)
})
afterAll(() => Promise.all([open, guarded].map(server => server[Symbol.asyncDispose]())))

async function ask(server: typeof open, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(server.url)
  const asking = request({ host: hostname, port, path: '/metrics', method, headers, agent: false }).end()
  const [response] = (await within('an answer', once(asking, 'response'))) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

test('says each metric of the server, and those of the process', async () => {
  const socket = new WebSocket(`${open.url}/echo`)
  await within('a line', once(socket, 'open'))
  socket.send('hello')
  await within('an echo', once(socket, 'message'))
  const { status, headers, body } = await ask(open)
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  for (const { name, type } of METRICS) expect(body).toContain(`# TYPE ${name} ${type}\n`)
  expect(body).toContain('hotline_messages_total{direction="received"} 1\n')
  expect(body).toContain('# TYPE process_cpu_seconds_total counter\n')
  socket.terminate()
})

test('HEAD is GET without the body', async () => {
  const { status, body } = await ask(open, {}, 'HEAD')
  expect([status, body]).toEqual([200, ''])
})

test.each([
  ['a proxy has passed on', { 'X-Forwarded-For': '192.0.2.1' }],
  ['a proxy of another kind has passed on', { Forwarded: 'for=192.0.2.1' }],
  ['goes to another name that leads here', { Host: 'evil.example' }],
])('without a token, what %s gets 403', async (_, headers) => {
  const { status, body } = await ask(open, headers)
  expect([status, body]).toEqual([
    403,
    'metrics are for this machine only, unless --metrics-token gives others a way\n',
  ])
})

test('with a token, whoever has it gets them, also behind a proxy', async () => {
  const { status } = await ask(guarded, { Authorization: `Bearer ${TOKEN}`, 'X-Forwarded-For': '192.0.2.1' })
  expect(status).toBe(200)
})

test.each([
  {},
  { Authorization: 'Bearer wrong' },
  { Authorization: `Basic ${TOKEN}` },
  { Authorization: `Bearer ${TOKEN}x` },
])('with a token, %j gets 401', async headers => {
  const answer = await ask(guarded, headers as Record<string, string>)
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="metrics"'])
  await untilLogged(guarded, { level: 30, msg: 'metrics refused', status: 401, address: '127.0.0.1' })
  expect(guarded.err.all.join('')).not.toMatch(/wrong|a-token-of/)
})

test.each(['short', 'sixteen with blank', 'ünicode-in-a-token'])('the token %j is refused', async token => {
  const { code, stderr } = await run(['serve', '--port', '0', '--metrics-token', token])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^hotline serve: --metrics-token must be at least 16 visible ASCII characters.*\n$/)
  expect(stderr).not.toContain(token)
})

test.each([
  ['127.0.0.1', 'localhost:8080', true],
  ['127.8.8.8', '127.8.8.8', true],
  ['::1', '[::1]:8080', true],
  ['::ffff:127.0.0.1', '127.0.0.1:80', true],
  ['192.0.2.1', '192.0.2.1', false],
  ['127.0.0.1', 'localhost.evil.example', false],
  ['127.0.0.1', undefined, false],
  ['128.0.0.1', 'localhost', false],
])('a request from %s to %s is from this machine: %s', (remoteAddress, host, expected) => {
  const asked = { socket: { remoteAddress }, headers: { host } } as never
  expect(isLocal(asked)).toBe(expected)
})

test('a secret is the same text and no other', () => {
  expect(['abc', 'abd', 'ab', '', undefined].map(given => isSecret('abc', given))).toEqual([
    ...[true, false, false, false, false],
  ])
})
