/** The log of `hotline serve`: one line for each thing that happens, with the number of the socket, and no secret. */
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Server } from 'hotline/server'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { within } from '../../../hotline/test/support/deadline.ts'
import { keepJournal } from '../../src/serve/journal.ts'
import { plain } from '../../src/serve/plain.ts'
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

test('an upgrade to a path that is no route has a line, without the query', async () => {
  await using server = await serving()
  const socket = new WebSocket(`${server.url}/nowhere?token=${SECRET}`)
  socket.on('error', () => {})
  const line = await untilLogged(server, { msg: 'refused' })
  expect(line).toMatchObject({ level: 30, outcome: 'unknown', status: 404, path: '/nowhere', address: '127.0.0.1' })
  expect(server.err.all.join('')).not.toContain(SECRET)
})

/** A journal of a server that is not there, by a clock that the test moves: what it writes, and how much of it is a warning. */
function journalOf(server: Server) {
  const lines: { level: number; msg: string }[] = []
  const clock = { now: 0 }
  const log = pino({ level: 'info', base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  keepJournal(
    log,
    () => server,
    () => clock.now,
  )
  return { clock, lines, warnings: () => lines.filter(({ level }) => level >= 40) }
}

test.each([
  ['full', 'hotline:server:handshake', { outcome: 'full', status: 503 }],
  ['timeout', 'hotline:server:handshake', { outcome: 'timeout', status: 503 }],
  ['slow readers', 'hotline:server:drop', { topic: 'a', policy: 'disconnect', count: 0 }],
])('a crowd of strangers is one warning in ten seconds, and a line each: %s', (_, name, event) => {
  const server = {} as Server
  const { clock, lines, warnings } = journalOf(server)
  const attack = () => channel(name).publish({ server, id: 1, address: '192.0.2.1', ms: 1, socket: {}, ...event })
  for (let stranger = 0; stranger < 1_000; stranger++) attack()
  expect([lines.length, warnings().length]).toEqual([1_000, 1])
  clock.now = 9_999
  attack()
  expect(warnings()).toHaveLength(1)
  clock.now = 10_000
  attack()
  expect(warnings()).toHaveLength(2)
})

test('what a stranger says is short in the log, and steers no terminal', () => {
  expect(plain('caf\u00e9 \u{1f40e}')).toBe('caf\u00e9 \u{1f40e}')
  expect(plain('a\u009b31m\u007f\u202eb\u2028')).toBe('a\\u009b31m\\u007f\\u202eb\\u2028')
  expect(plain('x'.repeat(16_000))).toBe(`${'x'.repeat(200)}\u2026`)
  expect(plain(undefined)).toBeUndefined()
})
