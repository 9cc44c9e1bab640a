/** The line of the status page: who may look, what may be asked, and that nobody else is told. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type LineEnd } from '../../../hotline/src/client/index.ts'
import { tokenProtocol } from '../../../hotline/src/topics/wire/token.ts'
import { within } from '../../../hotline/test/support/deadline.ts'
import type { Part, Pulse, SocketRow, SocketSheet, TopicRow } from '../../src/serve/status/wire.ts'
import { logged, type Running, run, serving, untilLogged } from '../support/hotline.ts'

const TOKEN = 'a token’s letters are visible'.replaceAll(' ', '-').replace('’', '.')

type Serving = Running & { readonly url: string }

let open: Serving
let guarded: Serving
/** What the log of the open one says. */
let own: URL
beforeAll(async () => {
  open = await serving()
  guarded = await serving('--status-token', TOKEN, '--origin', 'any')
  own = new URL(String((await untilLogged(open, { msg: 'listening' }))['status']))
})
afterAll(() => Promise.all([open, guarded].map(server => server[Symbol.asyncDispose]())))

const lineTo = ({ url }: Serving, token?: string) => connect(`${url}/status/line`, { token })

/** How a line ended that the server did not want. */
async function refusal(server: Serving, token: string | undefined, headers: Record<string, string> = {}) {
  const offered = token === undefined ? [] : [tokenProtocol(token)]
  const socket = new WebSocket(`${server.url}/status/line`, ['hotline.1', ...offered], { headers })
  const end = new Promise<number>(resolve => {
    socket.on('close', code => resolve(code))
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => {})
  })
  return within('a refusal', end)
}

describe('without --status-token', () => {
  test('the log has an address with a token, behind its #, and whoever has it may look', async () => {
    expect([own.origin, own.pathname]).toEqual([open.url.replace('ws', 'http'), '/status'])
    expect(own.hash).toMatch(/^#[\w-]{22}$/)
    await using line = lineTo(open, own.hash.slice(1))
    expect(await line.request('status/begin')).toMatchObject({ pid: open.process.pid })
  })

  test.each([
    ['without a token', undefined, {}],
    ['with another', 'x'.repeat(22), {}],
    ['through a proxy', 'own', { 'X-Forwarded-For': '192.0.2.1' }],
    ['by another name', 'own', { Host: 'evil.example' }],
  ])('whoever comes %s may not', async (_, token, headers) => {
    const given = token === 'own' ? own.hash.slice(1) : token
    expect(await refusal(open, given, headers as Record<string, string>)).toBe(4401)
  })

  test('two servers have two tokens, and where nobody at this machine gets to, there is none', async () => {
    await using other = await serving('--quiet')
    await using outside = await serving('--host', '0.0.0.0')
    expect(logged(other)).toEqual([])
    const [listening] = [await untilLogged(outside, { msg: 'listening' })]
    expect(listening['status']).toMatch(/^http:\/\/localhost:\d+\/status#[\w-]{22}$/)
    expect(String(listening['status'])).not.toContain(own.hash)
  })
})

describe('with --status-token', () => {
  test('whoever has it may look, from anywhere, and the log has none', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.1' }
    const protocols = ['hotline.1', tokenProtocol(TOKEN)]
    const socket = new WebSocket(`${guarded.url}/status/line`, protocols, { headers })
    const [welcome] = await within('a welcome', once(socket, 'message'))
    expect(JSON.parse(`${welcome}`)).toMatchObject({ type: 'welcome' })
    socket.terminate()
    expect((await untilLogged(guarded, { msg: 'listening' }))['status']).toBeUndefined()
    expect(guarded.err.all.join('')).not.toContain(TOKEN)
  })

  test('nobody else, whatever the beginning of the token', async () => {
    for (const token of [undefined, TOKEN.slice(0, -1), `${TOKEN}x`]) expect(await refusal(guarded, token)).toBe(4401)
  })

  test('a page of another origin may not, though --origin lets it in elsewhere', async () => {
    expect(await refusal(guarded, TOKEN, { Origin: 'https://elsewhere.example' })).toBe(403)
  })

  test('the refusal stands in the log, the token does not', async () => {
    await refusal(guarded, 'wrong-but-perhaps-that-of-another-server')
    await untilLogged(guarded, { msg: 'refused', path: '/status/line', outcome: 'authorize', status: 401 })
    expect(guarded.err.all.join('')).not.toMatch(/wrong-but|d3JvbmctYnV0/)
  })

  test('a token that can be guessed is refused, and not printed', async () => {
    const { code, stderr } = await run(['serve', '--port', '0'], '', { env: { HOTLINE_STATUS_TOKEN: 'hunter2' } })
    expect([code, stderr.includes('hunter2')]).toEqual([2, false])
    expect(stderr).toContain('--status-token must be at least 16 visible ASCII characters')
  })
})

describe('who may look', () => {
  test('gets the figures of the server about every second', async () => {
    await using line = lineTo(guarded, TOKEN)
    const pulses = new Map<number, Pulse>()
    while (pulses.size < 2) {
      const [pulse] = (await line.request('status/pulse')) as [Pulse]
      pulses.set(pulse.at, pulse)
    }
    const [first, second] = [...pulses.values()]
    expect(first?.stats.sockets.open).toBe(1)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(890)
    expect(second?.loop?.p99).toBeGreaterThanOrEqual(0)
    expect(second?.process.rss).toBeGreaterThan(1e7)
  })

  test('gets topics and sockets, searched and in order, and one socket with what is known of it', async () => {
    await using reader = connect(`${guarded.url}/topics`)
    const topics = ['public/a', 'public/b'].map(name => reader.topic(name))
    await Promise.all(topics.map(topic => new Promise(resolve => topic.on('subscribed', resolve))))
    await reader.publish('public/b', 'hello')
    await using line = lineTo(guarded, TOKEN)
    const list = (await line.request('status/topics', {
      sort: 'history',
      down: true,
      search: 'PUBLIC',
    })) as Part<TopicRow>
    expect(list.rows).toMatchObject([
      { name: 'public/b', subscribers: 1, history: 1 },
      { name: 'public/a', subscribers: 1, history: 0 },
    ])
    const sockets = (await line.request('status/sockets', { search: '/topics' })) as Part<SocketRow>
    expect([sockets.found, sockets.rows[0]?.path]).toEqual([1, '/topics'])
    const id = sockets.rows[0]?.id
    expect(await line.request('status/socket', { id, worker: 0 })).toMatchObject({
      ...{ id, state: 'open', address: '127.0.0.1', path: '/topics', protocol: 'hotline.1', queued: 0, roundTrip: -1 },
      ...{ topics: ['public/a', 'public/b'], topicCount: 2, traffic: { messages: { received: 3 } } },
    } satisfies Partial<Omit<SocketSheet, 'traffic'>> & object)
    expect(await line.request('status/socket', { id: 1e9, worker: 0 })).toBeUndefined()
  })

  test.each([null, 7, 'x', [], { sort: '__proto__', down: 'yes', search: {} }, { search: 'x'.repeat(3_000) }])(
    'gets an answer whatever is asked: %j',
    async question => {
      await using line = lineTo(guarded, TOKEN)
      for (const name of ['status/topics', 'status/sockets', 'status/socket'])
        await expect(line.request(name, question)).resolves.toSatisfy(() => true)
    },
  )

  test('subscribes to nothing', async () => {
    await using line = lineTo(guarded, TOKEN)
    const ended = new Promise<Error | undefined>(resolve => line.topic('public/a').on('ended', resolve))
    expect(await within('a refusal', ended)).toMatchObject({ answer: { code: 'limit' } })
  })
})

test('who speaks hotline.1 on another route may not ask', async () => {
  await using other = connect(`${guarded.url}/topics`)
  await expect(other.request('status/pulse')).rejects.toMatchObject({ answer: { code: 'unknown-request' } })
})

test('a line that was let in ends with the server, as others do', async () => {
  await using server = await serving('--status-token', TOKEN)
  await using line = lineTo(server, TOKEN)
  await line.request('status/begin')
  const end = new Promise<LineEnd>(resolve => {
    line.on('status', state => state.status === 'waiting' && resolve(state.end))
  })
  server.process.kill('SIGTERM')
  expect(await within('the end', end)).toMatchObject({ code: 1012 })
})
