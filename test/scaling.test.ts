/** `npm run scaling`: what it prints and writes, and what it refuses. Its figures are of record, and no claim of a test. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { median, row } from '../scripts/scaling/table.mjs'
import { root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-scaling-'))
afterAll(() => rmSync(folder, { recursive: true }))

const scaling = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/scaling/main.mjs'), ...args], { encoding: 'utf8' })

const names = ['alone', '--workers', ...(inject('redis') ? ['Redis'] : []), ...(inject('nats') ? ['NATS'] : [])]

test.each(names)('hotline, %s, delivers and is counted', name => {
  const json = join(folder, 'figures.json')
  const small = ['--seconds', '1', '--rounds', '1', '--clients', '8', '--json', json]
  const { status, stderr, stdout } = scaling('--only', `hotline, ${name}`, ...small)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain(`| hotline, ${name} | 1 | `)
  const { figures } = JSON.parse(readFileSync(json, 'utf8'))
  for (const { steady, flood } of figures) {
    expect(steady.perSecond).toBeGreaterThan(0)
    expect(flood.perSecond).toBeGreaterThan(steady.perSecond)
    expect(flood.nodes).toBeGreaterThan(0)
    expect(steady.p99).toBeGreaterThanOrEqual(steady.p50)
  }
})

test.each([
  [['--clients', '0'], '--clients takes a number from 1 to 99999, not 0'],
  [['--fast'], "Unknown option '--fast'"],
  [['--only', 'Carrier pigeon'], 'no name has "Carrier pigeon": hotline, alone; '],
])('%j is refused in one line', (args, words) => {
  const { status, stderr, stdout } = scaling(...args)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(`scaling: ${words}`)
})

test('of several rounds the median of each figure counts', () => {
  const of = (perSecond: number, p50: number) => ({
    name: 'one',
    processes: 2,
    steady: { perSecond: 1, nodes: 1, engine: 1, readers: 1, p50, p99: 9 },
    flood: { perSecond, nodes: 2, engine: 0.5, readers: 1 },
  })
  expect(row(median([of(10, 5), of(30, 3), of(20, 4)]))).toBe('| one | 2 | 20 | 2 + 0.5 | 4, 9 | 1 + 1 |')
})
