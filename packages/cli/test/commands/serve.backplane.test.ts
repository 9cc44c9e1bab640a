/** `hotline serve --backplane`: servers that are one system by an engine, and each way of naming one wrongly. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, inject, test } from 'vitest'
import { NatsServer } from '../../../../test/support/nats.ts'
import { startRedis } from '../../../../test/support/redis.ts'
import { logged, run, serving } from '../support/hotline.ts'
import { type Line, lineTo, publications, readerOf, talk } from '../support/joined.ts'

const TIMEOUT = 60_000
/** Processes that start processes. */
const SLOW = { patience: 30_000 }
const redis = inject('redis')
const nats = inject('nats')

/** The pages of applications that keep their state in one process. */
const APPS = ['/compare', '/game', '/ticker']

/** What two servers, of which the second has workers, have in common. */
async function areOne(url: string): Promise<void> {
  await using one = await serving('--backplane', url)
  await using other = await serving('--backplane', url, '--workers', '2')
  const lines: Line[] = []
  for (const server of [one, other, other, other]) lines.push(await lineTo(`${server.url}/rooms/a`))
  await talk(lines)
  const readers = [await readerOf(one.url, 'public/a'), await readerOf(other.url, 'public/a')]
  for (const [at, reader] of readers.entries()) reader.send({ type: 'publish', id: 2, topic: 'public/a', data: at })
  for (const reader of readers) await reader.told.until('both', () => publications(reader).length === 2, 20_000)
  const [first, second] = readers.map(publications)
  expect(first?.map(([offset]) => offset)).toEqual([1, 2])
  expect(second).toEqual(first)
  for (const line of [...lines, ...readers]) line[Symbol.dispose]()
  for (const server of [one, other]) {
    server.process.kill('SIGTERM')
    expect((await server.ended()).code).toBe(0)
    expect(logged(server).length).toBeGreaterThan(0)
    expect([...server.err.all, ...server.out.all].join('\n')).not.toContain('secret')
  }
}

describe.skipIf(redis === undefined)('with redis-server', { timeout: TIMEOUT }, () => {
  test('servers on several ports, with workers too, are one system', async () => {
    const server = await startRedis(redis as string)
    server.cli('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all')
    try {
      await areOne(server.url.replace('//', '//app:secret@'))
    } finally {
      await server.end()
    }
  })
})

describe.skipIf(nats === undefined)('with nats-server', { timeout: TIMEOUT }, () => {
  test('servers on several ports, with workers too, are one system', async () => {
    const config = 'authorization { user: app, password: secret }\n'
    await using server = await NatsServer.start(nats as string, { config })
    await areOne(server.url.replace('//', '//app:secret@'))
  })
})

describe('an engine', { timeout: TIMEOUT }, () => {
  test('in memory is that of this server, or of its workers', async () => {
    for (const options of [[], ['--workers', '1']]) {
      await using server = await serving('--backplane', 'memory', ...options)
      using reader = await readerOf(server.url, 'public/a')
      reader.send({ type: 'publish', id: 2, topic: 'public/a', data: 'kept' })
      await reader.told.until('it', () => publications(reader).length === 1)
      expect(publications(reader)).toEqual([[1, 'kept']])
    }
  })

  test('leaves out what keeps its state in one process: those pages say so, and the first one does', async () => {
    await using server = await serving('--backplane', 'memory')
    const page = async (path: string): Promise<[status: number, html: string]> => {
      const response = await fetch(server.url.replace('ws', 'http') + path)
      return [response.status, await response.text()]
    }
    const [status, html] = await page('/game')
    expect([status, html]).toEqual([404, expect.stringContaining('without <code>--backplane</code>')])
    expect(await page('/game/source')).toEqual([200, expect.stringContaining('page/prediction.ts')])
    const [, first] = await page('/')
    expect(first.match(/<p class="left-out">/g)?.length).toBe(APPS.length)
    expect(logged(server).find(line => 'pages' in line)).toMatchObject({ level: 30, pages: APPS })
    await using alone = await serving()
    expect(await (await fetch(alone.url.replace('ws', 'http'))).text()).not.toContain('<p class="left-out">')
  })

  for (const [what, options] of [
    ['', []],
    [' by a worker', ['--workers', '2']],
  ] as const)
    test.each(['redis://app:secret@127.0.0.1:1', 'nats://app:secret@127.0.0.1:1'])(
      `that cannot be reached${what}: one line that says what to do, without the password, and exit code 3: %s`,
      async url => {
        const { code, stdout, stderr } = await run(
          ['serve', '--quiet', '--port', '0', '--backplane', url, ...options],
          '',
          SLOW,
        )
        expect([code, stdout]).toEqual([3, ''])
        expect(stderr).toMatch(/^hotline serve: --backplane: .*127\.0\.0\.1:1.*\n$/)
        expect(stderr).not.toMatch(/secret/)
      },
    )

  test.each(['redis', 'nats'])('that never says a word, by %s: exit code 3, and the process ends', async scheme => {
    const sockets: Socket[] = []
    const silent = createServer(socket => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const url = `${scheme}://app:secret@127.0.0.1:${port}`
    const { code, stdout, stderr } = await run(['serve', '--quiet', '--port', '0', '--backplane', url], '', SLOW)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^hotline serve: --backplane: .*127\.0\.0\.1:\d+.*\n$/)
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  test.each(['amqp://app:secret@a', 'redis', '', 'http://a', 'toString://a'])(
    'that nobody knows: what there is, without the password, and exit code 2: %j',
    async url => {
      const { code, stderr } = await run(['serve', '--backplane', url], '', SLOW)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^hotline serve: --backplane takes memory, redis:\/\/.*\n$/)
      expect(stderr).not.toMatch(/secret/)
    },
  )

  test.each(['redis://app:secret@:99999/x', 'nats://'])('whose URL is wrong: exit code 2: %j', async url => {
    const { code, stderr } = await run(['serve', '--quiet', '--backplane', url], '', SLOW)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^hotline serve: --backplane: .*\n$/)
    expect(stderr).not.toMatch(/secret/)
  })

  test('can be named by HOTLINE_BACKPLANE, so that nothing of it stands in a command line', async () => {
    const { code, stderr } = await run(['serve', '--quiet'], '', {
      ...SLOW,
      env: { HOTLINE_BACKPLANE: 'redis://127.0.0.1:1' },
    })
    expect([code, stderr]).toEqual([3, expect.stringContaining('--backplane')])
  })
})
