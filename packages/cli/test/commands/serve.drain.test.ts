/** The end of `hotline serve` as load balancers, clients and operators see it: what is unready when, and what is told. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { within } from '../../../hotline/test/support/deadline.ts'
import { logged, type Running, serving, untilLogged } from '../support/hotline.ts'

type Serving = Awaited<ReturnType<typeof serving>>

async function open(url: string): Promise<{ socket: WebSocket; closed: Promise<unknown[]> }> {
  const socket = new WebSocket(url)
  await within('a line', once(socket, 'open'))
  return { socket, closed: once(socket, 'close').then(([code, reason]) => [code, String(reason)]) }
}

/** What a handshake is answered with: the status and Retry-After. */
async function knock(server: Serving): Promise<unknown[]> {
  const socket = new WebSocket(`${server.url}/echo`)
  socket.on('error', () => {})
  const opened = once(socket, 'open').then(() => {
    socket.terminate()
    return [101]
  })
  const refused = once(socket, 'unexpected-response').then(([, { statusCode, headers }]) => [
    statusCode,
    headers['retry-after'],
  ])
  return within('an answer', Promise.race([opened, refused]))
}

async function health(server: Serving): Promise<unknown[]> {
  const response = await fetch(`${server.url.replace(/^ws/, 'http')}/healthz`)
  const { status } = (await response.json()) as { status: string }
  return [response.status, status]
}

const draining = (server: Running): Promise<unknown> => untilLogged(server, { msg: 'draining; a second signal cuts' })

const report = (server: Running): Record<string, unknown> | undefined => logged(server).at(-1)

describe('while it drains', { timeout: 30_000 }, () => {
  test('/healthz is unready at once, and says so until the end; newcomers are served until the notice is over', async () => {
    await using server = await serving('--drain-notice', '4', '--drain-spread', '3600')
    const lines = [await open(`${server.url}/echo`), await open(`${server.url}/echo`)]
    expect(await health(server)).toEqual([200, 'ok'])
    server.process.kill('SIGTERM')
    await draining(server)
    expect(await health(server)).toEqual([503, 'draining'])
    expect(await knock(server)).toEqual([101])
    expect(await within('the first of them', Promise.race(lines.map(({ closed }) => closed)))).toEqual([
      1012,
      'the server is closing, connect again',
    ])
    expect(await health(server)).toEqual([503, 'draining'])
    expect(await knock(server)).toEqual([503, '1'])
    server.process.kill('SIGTERM')
    expect((await server.ended()).code).toBe(0)
    expect(report(server)).toMatchObject({ msg: 'stopped', closed: 1, left: 0, terminated: 1, refused: 1 })
  })

  test('the open lines are served, and their messages answered, until their turn', async () => {
    await using server = await serving('--drain-spread', '3600')
    const lines = [await open(`${server.url}/rooms/a`), await open(`${server.url}/rooms/a`)]
    const ended = lines.map(({ socket, closed }) => closed.then(() => socket))
    server.process.kill('SIGTERM')
    const first = await within('the first of them', Promise.race(ended))
    const { socket: other, closed } = lines.find(({ socket }) => socket !== first) as (typeof lines)[0]
    other.send('still here')
    const [echo] = await within('an echo', once(other, 'message'))
    expect(String(echo)).toBe('still here')
    other.close()
    await closed
    expect((await server.ended()).code).toBe(0)
    expect(report(server)).toMatchObject({ msg: 'stopped', closed: 1, left: 1, terminated: 0, unfinished: 0 })
  })

  test('clients of hotline.1 are told when to come back, and all who knock as well', async () => {
    await using server = await serving('--drain-retry', '20', '--drain-spread', '3600')
    const lines = await Promise.all(
      [1, 2].map(async () => {
        const socket = new WebSocket(`${server.url}/topics`, ['hotline.1'])
        const messages: string[] = []
        socket.on('message', data => messages.push(String(data)))
        await within('a line', once(socket, 'open'))
        return { told: once(socket, 'close').then(() => messages) }
      }),
    )
    server.process.kill('SIGTERM')
    const messages = await within('the first of them', Promise.race(lines.map(({ told }) => told)))
    const { type, after } = JSON.parse(messages.at(-1) ?? '')
    expect(type).toBe('retry')
    expect(after).toBeGreaterThanOrEqual(20_000)
    expect(after).toBeLessThanOrEqual(30_000)
    expect(await knock(server)).toEqual([503, '20'])
    server.process.kill('SIGINT')
    await server.ended()
  })

  test('how far it is stands in the log every few seconds', async () => {
    await using server = await serving('--drain-spread', '3600')
    await Promise.all([open(`${server.url}/echo`), open(`${server.url}/echo`)])
    server.process.kill('SIGTERM')
    await untilLogged(server, { msg: 'still draining', sockets: 1 })
    server.process.kill('SIGTERM')
    await server.ended()
    expect(logged(server).map(({ msg }) => msg)).toContain('cutting')
  })
})
