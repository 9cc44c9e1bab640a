/** `hotline serve --workers`: processes on one port that are one server to those who come. */
import { describe, expect, test } from 'vitest'
import { within } from '../../../hotline/test/support/deadline.ts'
import { logged, type Running, run, serving, untilLogged } from '../support/hotline.ts'
import { type Line, lineTo, publications, readerOf, talk } from '../support/joined.ts'

type Serving = Awaited<ReturnType<typeof serving>>

/** Whole processes are started, several of them. */
const TIMEOUT = 60_000
const SLOW = { patience: 30_000 }

/** The process of a worker. */
async function pidOf(server: Running, worker: number, nth = 1): Promise<number> {
  const lines = (): Record<string, unknown>[] =>
    logged(server).filter(line => line['msg'] === 'a worker serves' && line['worker'] === worker)
  await server.err.until(`worker ${worker}`, () => lines().length >= nth, 30_000)
  return lines()[nth - 1]?.['pid'] as number
}

async function health(server: Serving): Promise<{ worker: number; workers: number; status: string }> {
  const response = await fetch(`${server.url.replace(/^ws/, 'http')}/healthz`, { headers: { Connection: 'close' } })
  return (await response.json()) as { worker: number; workers: number; status: string }
}

/** Lines on one route, until there is one at each worker: the system deals them out in turn. */
async function linesToAll(server: Serving, path: string, workers: number): Promise<Line[]> {
  const lines: Line[] = []
  const reached = (): Set<unknown> =>
    new Set(logged(server).flatMap(line => (line['msg'] === 'opened' ? [line['worker']] : [])))
  for (let at = 0; at < 50 && reached().size < workers; at++) {
    lines.push(await lineTo(`${server.url}${path}`))
    await server.err.until('the line in the log', () => {
      return logged(server).filter(line => line['msg'] === 'opened').length === lines.length
    })
  }
  expect(reached().size).toBe(workers)
  return lines
}

describe('workers', { timeout: TIMEOUT }, () => {
  test('share the port: one URL, a room over all of them, a history with one order, and a number in each line of the log', async () => {
    await using server = await serving('--workers', '3')
    const { workers, worker } = await health(server)
    expect([workers, [1, 2, 3].includes(worker)]).toEqual([3, true])
    const lines = await linesToAll(server, '/rooms/a', 3)
    await talk(lines)

    const readers = [await readerOf(server.url, 'public/a'), await readerOf(server.url, 'public/a')]
    for (const [at, reader] of readers.entries())
      for (let count = 0; count < 50; count++)
        reader.send({ type: 'publish', id: count + 2, topic: 'public/a', data: [at, count] })
    for (const reader of readers) await reader.told.until('all', () => publications(reader).length === 100)
    const late = await readerOf(server.url, 'public/a')
    await late.told.until('all', () => publications(late).length === 100)
    const [first, ...others] = [...readers, late].map(publications)
    expect(first?.map(([offset]) => offset)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
    for (const other of others) expect(other).toEqual(first)
    for (const line of [...lines, ...readers, late]) line[Symbol.dispose]()
  })

  test('drain all on SIGTERM, with 1012 and exit code 0; standard output had the URL alone', async () => {
    await using server = await serving('--workers', '2')
    const lines = await linesToAll(server, '/echo', 2)
    server.process.kill('SIGTERM')
    for (const { closed } of lines) expect((await within('its end', closed))[0]).toBe(1012)
    const { code, stdout } = await server.ended()
    expect([code, stdout]).toEqual([0, `${server.url}\n`])
    expect(
      logged(server)
        .filter(({ msg }) => msg === 'stopped')
        .map(({ worker }) => worker)
        .toSorted(),
    ).toEqual([1, 2])
    expect(logged(server).at(-1)).toMatchObject({ msg: 'all workers have stopped' })
  })

  test('are cut by a second signal', async () => {
    await using server = await serving('--workers', '2', '--drain-spread', '3600')
    const lines = await linesToAll(server, '/echo', 2)
    server.process.kill('SIGTERM')
    await untilLogged(server, { msg: 'draining; a second signal cuts' })
    server.process.kill('SIGTERM')
    await Promise.all(lines.map(({ closed }) => within('its end', closed)))
    expect((await server.ended()).code).toBe(0)
  })

  test('that die are replaced, later when they die at once again, and keep what the others have published', async () => {
    await using server = await serving('--workers', '2')
    using reader = await readerOf(server.url, 'public/a')
    reader.send({ type: 'publish', id: 2, topic: 'public/a', data: 'before' })
    await reader.told.until('it', () => publications(reader).length === 1)
    for (const nth of [1, 2]) {
      process.kill(await pidOf(server, 1, nth), 'SIGKILL')
      await untilLogged(server, { worker: 1, how: 'SIGKILL', pause: 0.25 * nth })
      await pidOf(server, 1, nth + 1)
    }
    expect((await health(server)).workers).toBe(2)
    // On the one that came, or on the one that stayed.
    for (let count = 0; count < 2; count++) {
      using late = await readerOf(server.url, 'public/a')
      await late.told.until('what was published before', () => publications(late).length === 1)
      expect(publications(late)).toEqual([[1, 'before']])
    }
  })

  test('that all die listen on the same port again, with --port 0 too', async () => {
    await using server = await serving('--workers', '2')
    const pids = [await pidOf(server, 1), await pidOf(server, 2)]
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await pidOf(server, 1, 2)
    await pidOf(server, 2, 2)
    expect((await health(server)).workers).toBe(2)
  })

  test('that all die listen on the same port again, also one that is replaced long after the other', async () => {
    await using server = await serving('--workers', '2')
    // The oftener it dies, the longer is the pause.
    for (const nth of [1, 2, 3]) process.kill(await pidOf(server, 2, nth), 'SIGKILL')
    for (const pid of [await pidOf(server, 2, 4), await pidOf(server, 1)]) process.kill(pid, 'SIGKILL')
    await Promise.all([pidOf(server, 1, 2), pidOf(server, 2, 5)])
    for (const line of await linesToAll(server, '/echo', 2)) line[Symbol.dispose]()
  })

  test('have one certificate, also when it is made for this run', async () => {
    await using server = await serving('--workers', '2', '--tls-self-signed')
    const lines = await linesToAll(server, '/echo', 2)
    const prints = lines.map(({ socket }) => {
      const { _socket } = socket as unknown as { _socket: import('node:tls').TLSSocket }
      return _socket.getPeerCertificate().fingerprint256
    })
    expect(new Set(prints).size).toBe(1)
    for (const line of lines) line[Symbol.dispose]()
  })

  test('that cannot listen: one line, and the exit code of a server that cannot', async () => {
    await using server = await serving()
    const { port } = new URL(server.url)
    const { code, stdout, stderr } = await run(['serve', '--quiet', '--workers', '3', '--port', port], '', SLOW)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toBe(
      `hotline serve: port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another with --port (0 picks a free one)\n`,
    )
  })

  test.each(['0', '129', '1.5', 'many', ''])('are not %j: exit code 2', async number => {
    const { code, stderr } = await run(['serve', '--workers', number], '', SLOW)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^hotline serve: .*from 1 to 128, or auto; see hotline serve --help\n$/)
  })
})
