/** `hotline serve --trust-proxy`: who came, as the log and the check of the origin see it behind a proxy. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { within } from '../../../hotline/test/support/deadline.ts'
import { run, serving, untilLogged } from '../support/hotline.ts'

/** What a proxy adds to a request that came to it over TLS. */
const FORWARDED = {
  'X-Forwarded-For': '198.51.100.1, 203.0.113.9',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'chat.example',
}

/** 101, or the status of the refusal. */
async function answer(url: string, headers: Record<string, string>): Promise<unknown> {
  const socket = new WebSocket(url, { headers })
  socket.on('error', () => {})
  const opened = once(socket, 'open').then(() => 101)
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode)
  const status = await within('an answer', Promise.race([opened, refused]))
  socket.terminate()
  return status
}

test.each([
  [[], '127.0.0.1', 403],
  [['--trust-proxy', '127.0.0.1'], '203.0.113.9', 101],
  [['--trust-proxy', '127.0.0.1,203.0.113.0/24'], '198.51.100.1', 101],
  [['--trust-proxy', '10.0.0.0/8'], '127.0.0.1', 403],
  [['--trust-proxy', '1'], '203.0.113.9', 101],
  [['--trust-proxy', '2'], '198.51.100.1', 101],
  [['--trust-proxy', 'any'], '198.51.100.1', 101],
  [['--trust-proxy', '127.0.0.1', '--workers', '1'], '203.0.113.9', 101],
])('with %j who comes is %s, and a page of the host that the proxy names gets %i', async (options, address, status) => {
  await using server = await serving(...options)
  expect(await answer(`${server.url}/echo`, { ...FORWARDED, Origin: 'https://chat.example' })).toBe(status)
  await untilLogged(server, { msg: status === 101 ? 'opened' : 'refused', path: '/echo', address })
})

test.each(['', 'yes', '10.0.0.0/33', '::1/129', '127.0.0.1,proxy.example', '-1', '1.5'])(
  '%j is told in one line what it may be, with exit code 2',
  async proxies => {
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--trust-proxy', proxies])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(
      /^hotline serve: [^\n]+ such as 127\.0\.0\.1,10\.0\.0\.0\/8, a number of proxies, or any[^\n]*\n$/,
    )
  },
)
