/** `hotline compare`: the figures are there, in the order that the protocols make, and wrong options are told. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Figures } from '../../src/compare/figures.ts'
import type { Report } from '../../src/compare/report.ts'
import { file } from '../support/files.ts'
import { type Ended, run, start } from '../support/hotline.ts'

const SMALL = ['--clients', '20', '--duration', '2', '--warmup', '0.1', '--rate', '1.5', '--interval', '0.3']

const total = ({ received, sent }: Figures['bytesPerUpdate']): number => received + sent

/** A report, and each way in it by its name. */
async function compared(...args: string[]): Promise<Report & Ended & { by: Record<string, Figures> }> {
  const ended = await run(['compare', '--json', '-', ...SMALL, ...args], '', { patience: 40_000 })
  const report: Report = JSON.parse(ended.stdout)
  return { ...ended, ...report, by: Object.fromEntries(report.ways.map(figures => [figures.way, figures])) }
}

test('over HTTP/1.1: each way has its figures, in the expected order', { timeout: 45_000 }, async () => {
  const svg = file('compare.svg', '')
  const { code, stderr, by, ways, settings } = await compared(
    '--only',
    'websocket,sse,long-polling,polling',
    '--svg',
    svg,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(settings).toMatchObject({ clients: 20, rate: 1.5, interval: 0.3, duration: 2, headers: 'browser' })
  expect(ways.map(({ way }) => way)).toEqual(['polling', 'long-polling', 'sse', 'websocket'])
  for (const { published, updates, lost, opening, cpu, connections } of ways) {
    expect(connections).toBe(20)
    expect(published).toBeGreaterThan(0)
    expect(updates).toMatchObject({ received: 20 * published, missed: 0 })
    expect(lost).toBe(0)
    expect(opening.requests).toBe(1)
    expect(cpu.perUpdate).toBeGreaterThan(0)
  }
  const bytes = ways.map(({ bytesPerUpdate }) => total(bytesPerUpdate))
  expect(bytes).toEqual(bytes.toSorted((a, b) => b - a))
  const { polling, websocket, sse } = by
  // A frame of the server has two bytes before so short a message; nothing comes from clients. RFC 6455 §5.2
  expect(websocket?.bytesPerUpdate).toEqual({ received: 0, sent: (websocket?.payload ?? 0) + 2 })
  expect([websocket?.requests, sse?.requests]).toEqual([0, 0])
  expect(polling?.requests).toBeGreaterThan(20 * 4)
  expect(polling?.latency?.mean).toBeGreaterThan(75)
  expect(polling?.latency?.mean).toBeLessThan(300)
  expect(websocket?.latency?.p50).toBeLessThan(polling?.latency?.p50 ?? 0)
  expect(readFileSync(svg, 'utf8')).toContain('WebSocket')
})

test('over HTTP/2: headers are compressed from the second request on', { timeout: 45_000 }, async () => {
  const { code, stderr, ways } = await compared('--only', 'polling-h2,long-polling-h2,sse-h2', '--duration', '1.4')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(ways.map(({ protocol }) => protocol)).toEqual(['HTTP/2', 'HTTP/2', 'HTTP/2'])
  for (const { updates, published, bytesPerUpdate, opening } of ways) {
    expect(updates).toMatchObject({ received: 20 * published, missed: 0 })
    expect(total(bytesPerUpdate)).toBeLessThan(total(opening))
  }
})

test('people get a table, what it means, and what it comes to for more clients', { timeout: 25_000 }, async () => {
  const args = ['--only', 'websocket', '--clients', '3', '--duration', '0.5', '--rate', '10', '--warmup', '0.1']
  const { code, stdout, stderr } = await run(['compare', ...args, '--interval', '0.1', '--headers', 'minimal'], '', {
    patience: 20_000,
  })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^3 clients with as few header fields as possible; 10 updates\/s; polls each 100 ms; 0\.5 s/)
  expect(stdout).toMatch(/latency p50 +p99 +late +missed +bytes\/update +requests +CPU +idle client +to open/)
  expect(stdout).toMatch(/^WebSocket .* % +– +\d+ B$/m)
  expect(stdout).toMatch(/^On the wire, computed +1,000 clients +10,000 clients +100,000 clients$/m)
  expect(stdout).not.toContain('\u001b')
  expect(stderr).toMatch(/^WebSocket: opening$/m)
})

test('Ctrl+C ends early: what is done is told, or that nothing is', { timeout: 30_000 }, async () => {
  await using running = start(['compare', '--clients', '2', '--duration', '60', '--warmup', '0'])
  await running.err.until('the first sign', lines => lines.some(line => line.includes('measuring')), 20_000)
  running.process.kill('SIGINT')
  expect(await running.ended()).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/\nhotline compare: it was ended before anything was measured\n$/),
  })
})

test.concurrent.each([
  [['--rate', '0'], 'it must be updates a second, from 0.01 to 1000'],
  [['--rate', 'many'], 'it must be updates a second, from 0.01 to 1000'],
  [['--rate', '0.1', '-d', '5'], 'fewer than 2 updates are published in 5 s; raise --rate or --duration'],
  [['--interval', '0'], 'it must be seconds'],
  [['--clients', '0'], 'it must be a number from 1 to 20000'],
  [['--clients', '1e3'], 'it must be a number from 1 to 20000'],
  [['--clients', '20000', '--rate', '10'], 'which would measure this machine; lower --clients or --rate'],
  [['--clients', '20000', '--interval', '0.1'], 'which would measure this machine'],
  [['--duration', '-1'], 'it must be seconds'],
  [['--only', 'pigeon'], 'it must be names of ways, of polling, long-polling, sse, websocket, polling-h2'],
  [['--only', 'websocket-h2'], 'it must be names of ways'],
  [['--headers', 'all'], 'allowed choices are browser, minimal'],
  [['--json', '/nowhere/a.json'], 'cannot write --json /nowhere/a.json: there is no such folder'],
  [['--svg', '/nowhere/a.svg'], 'cannot write --svg /nowhere/a.svg: there is no such folder'],
  [['--svg', '-'], '--svg takes a file; standard output is for the table, or for --json -'],
  [['ws://127.0.0.1/'], 'too many arguments'],
])('a wrong command line is exit code 2, and one line: %j', async (args, words) => {
  const { code, stdout, stderr } = await run(['compare', ...args])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.toLowerCase()).toContain(words.toLowerCase())
  expect(stderr.trimEnd()).not.toContain('\n')
})

test('a folder is no file for a report', async () => {
  const { code, stderr } = await run(['compare', '--json', '/'])
  expect([code, stderr]).toEqual([2, 'hotline compare: cannot write --json /: it is a folder\n'])
  expect(existsSync('/nowhere')).toBe(false)
})
