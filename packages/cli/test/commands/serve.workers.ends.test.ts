/** How workers of `hotline serve` end: one alone, one that has only just begun, and those on the port that URLs leave out. */
import { describe, expect, test } from 'vitest'
import { within } from '../../../hotline/test/support/deadline.ts'
import { logged, type Running, serving, start, untilLogged } from '../support/hotline.ts'
import { type Line, lineTo } from '../support/joined.ts'

const TIMEOUT = 60_000

/** What the log says of each line, in the order of their coming: its worker. */
const workersOf = (server: Running): unknown[] =>
  logged(server).flatMap(({ msg, worker }) => (msg === 'opened' ? [worker] : []))

async function pidsOf(server: Running, worker: number, count: number): Promise<number[]> {
  const pids = (): unknown[] =>
    logged(server).flatMap(line =>
      line['msg'] === 'a worker serves' && line['worker'] === worker ? [line['pid']] : [],
    )
  await server.err.until(`worker ${worker}`, () => pids().length >= count, 30_000)
  return pids() as number[]
}

/** Lines, until a worker has so many of them; those of that worker. */
async function linesAt(server: Running & { readonly url: string }, worker: number, count: number): Promise<Line[]> {
  const lines: Line[] = []
  const there = (): Line[] => lines.filter((_, at) => workersOf(server)[at] === worker)
  while (there().length < count) {
    lines.push(await lineTo(`${server.url}/echo`))
    await server.err.until('the line in the log', () => workersOf(server).length === lines.length)
  }
  return there()
}

describe('a worker', { timeout: TIMEOUT }, () => {
  test('that gets SIGTERM itself drains alone: newcomers are for the others, and another one takes its place', async () => {
    await using server = await serving('--workers', '2', '--drain-spread', '3600')
    const [pid = 0] = await pidsOf(server, 1, 1)
    const lines = await linesAt(server, 1, 2)
    process.kill(pid, 'SIGTERM')
    const [code] = await within('the first of its lines', Promise.race(lines.map(({ closed }) => closed)))
    expect(code).toBe(1012)
    const before = workersOf(server).length
    for (let come = 0; come < 6; come++) await lineTo(`${server.url}/echo`)
    await server.err.until('all of them', () => workersOf(server).length === before + 6)
    expect(workersOf(server).slice(before)).toEqual([2, 2, 2, 2, 2, 2])
    // The last line of it goes, and so does the process.
    process.kill(pid, 'SIGTERM')
    expect(await pidsOf(server, 1, 2)).not.toContain(undefined)
    expect(logged(server).filter(({ level }) => Number(level) >= 50)).toEqual([])
  })

  test('that is alone on the port tells newcomers that it drains, instead of being away', async () => {
    await using server = await serving('--workers', '1', '--drain-spread', '3600')
    const [pid = 0] = await pidsOf(server, 1, 1)
    const lines = await linesAt(server, 1, 2)
    process.kill(pid, 'SIGTERM')
    await within('the first of its lines', Promise.race(lines.map(({ closed }) => closed)))
    expect((await fetch(`${server.url.replace('ws', 'http')}/healthz`)).status).toBe(503)
  })

  test('that comes while all others drain begins nothing, and does not hold up the end', async () => {
    const begun = `data:text/javascript,process.send && process.stderr.write('begun\\n')`
    const env = { NODE_OPTIONS: `--import=${begun.replaceAll(' ', '%20')}` }
    await using server = start(['serve', '--port', '0', '--workers', '2'], { env, patience: 30_000 })
    const [pid = 0] = await pidsOf(server, 1, 1)
    await untilLogged(server, { msg: 'listening' })
    process.kill(pid, 'SIGKILL')
    await server.err.until('the next one', all => all.filter(line => line === 'begun').length === 3, 30_000)
    server.process.kill('SIGTERM')
    expect((await server.ended()).code).toBe(0)
  })

  test('on port 80, which no URL names, is replaced, and ends with exit code 0', async () => {
    // An address of its own, so that nobody else has that port of it.
    const args = ['serve', '--workers', '1', '--host', '127.80.80.80', '--port', '80']
    await using server = start(args, { patience: 30_000 })
    const serves = pidsOf(server, 1, 1).catch(() => undefined)
    const refused = server.ended()
    const ended = refused.then(() => undefined)
    const [pid] = (await Promise.race([serves, ended])) ?? []
    if (pid === undefined) {
      // Not everybody may listen there, and not every system has that address.
      expect((await refused).code).toBe(3)
      return
    }
    process.kill(pid, 'SIGKILL')
    await pidsOf(server, 1, 2)
    server.process.kill('SIGTERM')
    expect((await refused).code).toBe(0)
  })
})
