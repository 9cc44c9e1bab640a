/**
 * The benchmark runs: every server answers the load, and each gets its figures. How large they are is nobody's test.
 * Only servers take part whose packages the repository has itself: the others are installed in bench/ for a real run.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOptions, UsageError } from '../bench/options.mjs'
import { planOf } from '../bench/plan.mjs'
import type { Figure, Results } from '../bench/types.ts'
import { read, root } from './support/documents.ts'

const bench = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'bench/main.mjs'), ...args], { encoding: 'utf8' })

const SERVERS = ['hotline', 'hotline-public', 'ws']
const WORKLOADS = ['echo-20-multi-byte-32', 'broadcast-1k-16', 'deflate-echo', 'tls-echo', 'clients']
const FIGURES: Figure[] = ['cpu', 'user', 'system', 'perSecond', 'p50', 'p99', 'p999', 'busy', 'loadBusy']

describe('a short run', () => {
  const out = mkdtempSync(join(tmpdir(), 'hotline-bench-'))
  let run: ReturnType<typeof bench>
  let results: Results

  beforeAll(() => {
    const times = ['--rounds', '1', '--seconds', '0.1']
    run = bench('--only', `^(${WORKLOADS.join('|')})$`, '--servers', SERVERS.join(), ...times, '--out', out)
    results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'))
  }, 150_000)
  afterAll(() => rmSync(out, { recursive: true }))

  test('ends well', () => {
    expect(run).toMatchObject({ status: 0 })
  })

  test.each(WORKLOADS)('%s has every figure of every server', name => {
    const rows = results.workloads.find(workload => workload.name === name)?.rows
    expect(rows?.map(({ server }) => server)).toEqual(SERVERS)
    for (const { figures, toWs } of rows ?? []) {
      for (const figure of FIGURES) {
        const { median, min, max } = figures[figure] ?? {}
        expect([min, median, max], figure).toEqual([min, median, max].toSorted((a, b) => Number(a) - Number(b)))
        expect(median, figure).toBeGreaterThanOrEqual(0)
      }
      expect(figures.perSecond?.min).toBeGreaterThan(0)
      expect(toWs).toBeGreaterThan(0)
    }
  })

  test('the targets that were measured are judged, the others are not', () => {
    const judged = results.targets.filter(({ met }) => met !== undefined).map(({ workload, to }) => `${workload} ${to}`)
    expect(judged).toEqual(['broadcast-1k-16', 'deflate-echo', 'tls-echo', 'clients'].map(name => `${name} ws`))
  })

  test('says on which machine, with which versions, when', () => {
    expect(results.machine).toMatchObject({ cpu: expect.any(String), cores: expect.any(Number), kernel: /^Linux/ })
    expect(results.versions).toMatchObject({ node: process.versions.node, hotline: /^\d/, ws: /^\d/ })
    expect(Date.parse(results.date)).toBeLessThanOrEqual(Date.now())
  })

  test('each picture of the page is there, and is SVG', () => {
    const page = readFileSync(join(out, 'README.md'), 'utf8')
    const pictures = [...page.matchAll(/\]\((.*\.svg)\)/g)].map(([, file = '']) => file)
    expect(pictures.toSorted()).toEqual(readdirSync(out).filter(file => file.endsWith('.svg')))
    expect(pictures).toHaveLength(5)
    for (const picture of pictures) expect(readFileSync(join(out, picture), 'utf8')).toMatch(/^<svg .*<\/svg>\s*$/s)
  })
})

test.each([
  [['--wrong'], /--wrong/],
  [['wrong'], /wrong/],
  [['--rounds', '0'], /--rounds takes a number above 0/],
  [['--rounds', '1.5'], /--rounds takes a whole number/],
  [['--seconds', 'long'], /--seconds takes a number above 0/],
  [['--only', '['], /--only/],
  [['--only', '^nothing$'], /no workload matches/],
  [['--servers', 'ws,nobody'], /there is no nobody/],
  [['--hotline', 'nameless'], /--hotline takes NAME=DIR/],
  [['--hotline', 'ws=packages/hotline'], /ws is taken/],
  [['--hotline', 'other=nowhere'], /not built/],
  [['--no-write', '--out', 'x'], /exclude each other/],
])('%j is a wrong command line', (args, line) => {
  expect(() => planOf(readOptions(args))).toThrow(UsageError)
  expect(() => planOf(readOptions(args))).toThrow(line)
})

test('a wrong command line gets one line and the exit code 2, and nothing is run', () => {
  const { status, stdout, stderr } = bench('--servers', 'ws,nobody')
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^bench: .*nobody.*\n$/)
})

test('--list names every workload of the table of targets, and every server', () => {
  const { stdout } = bench('--list')
  const committed: Results = JSON.parse(read('docs/benchmarks/results.json'))
  for (const { workload } of committed.targets) expect(stdout).toMatch(new RegExp(`^${workload} `, 'm'))
  for (const server of ['hotline', 'ws-bufferutil', 'uws', 'bun', 'deno', 'faye', 'websocket', 'socket.io', 'net']) {
    expect(stdout).toContain(server)
  }
})
