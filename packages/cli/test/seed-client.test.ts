/** The client of the notes runs in Node, character for character but for the URL, against `hotline serve`. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Running, serving } from './support/hotline.ts'
import { NOTES_URL, seedClient } from './support/seed-client.ts'
import { certificateFiles } from './support/tls.ts'

const script = fileURLToPath(new URL('support/run-script.mjs', import.meta.url))

/** What its console shows when it says hello to an echo. */
const CONVERSATION = [
  'Connected to WebSocket server',
  'Message from server: {"type":"hello","message":"Hello Server!"}',
]

const encryption: [scheme: string, options: () => Promise<string[]>, env: (cert: string) => NodeJS.ProcessEnv][] = [
  ['ws', async () => [], () => ({})],
  [
    'wss',
    async () => {
      const { cert, key } = await certificateFiles()
      return ['--tls-cert', cert, '--tls-key', key]
    },
    cert => ({ NODE_EXTRA_CA_CERTS: cert }),
  ],
]

test('the text has the URL of the notes once', () => {
  expect(seedClient.split(NOTES_URL)).toHaveLength(2)
})

describe.each(encryption)('over %s://', (scheme, options, env) => {
  test('it connects, says hello, hears the answer, and ends when the server closes', async () => {
    const given = await options()
    await using server = await serving(...given)
    expect(server.url).toMatch(new RegExp(`^${scheme}://`))
    await using client = new Running(process.execPath, [script], { env: env(given[1] ?? '') })
    client.process.stdin?.end(seedClient.replace(NOTES_URL, `${server.url}/echo`))
    await client.out.until('the answer', all => all.length >= 2)
    expect(client.out.all).toEqual(CONVERSATION)
    server.process.kill('SIGTERM')
    expect(await client.ended()).toEqual({
      code: 0,
      stdout: [...CONVERSATION, 'WebSocket connection closed', ''].join('\n'),
      stderr: '',
    })
  })

  test('a route that refuses is an error, then a close', async () => {
    const given = await options()
    await using server = await serving(...given)
    await using client = new Running(process.execPath, [script], { env: env(given[1] ?? '') })
    const { code, stdout, stderr } = await client.end(seedClient.replace(NOTES_URL, `${server.url}/refused`))
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'WebSocket connection closed\n' })
    expect(stderr).toMatch(/^WebSocket Error: /)
  })
})
