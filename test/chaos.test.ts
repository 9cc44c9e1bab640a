/** `npm run chaos -- resume`: readers that are cut off at any byte have everything once, in order, or are told. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Ledger, Reading } from '../scripts/chaos/ledger.mjs'
import { root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-chaos-'))
afterAll(() => rmSync(folder, { recursive: true }))

const chaos = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/chaos/main.mjs'), ...args], { encoding: 'utf8' })

const NOTHING = { lost: 0, doubled: 0, disordered: 0, altered: 0 }

// Each seed was once a run of a hundred thousand operations.
test.each(['1', '7'])('nothing is lost, doubled or out of order in a short run with seed %s', seed => {
  const file = join(folder, `${seed}.json`)
  const { status, stderr } = chaos('resume', '--ops', '2500', '--seed', seed, '--json', file)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const counts = JSON.parse(readFileSync(file, 'utf8'))
  expect(counts).toMatchObject({ ops: 2500, seed: Number(seed), ...NOTHING, findings: [] })
  for (const name of ['published', 'delivered', 'cuts', 'resumed', 'acknowledged', 'unrecovered'])
    expect(counts[name], name).toBeGreaterThan(0)
})

test.each([
  [['resume', '--ops', '0'], '--ops takes a number from 1 to 999999999, not 0'],
  [['flood'], 'there is the chaos resume, kill, rolling, million, and no "flood"; see --help'],
  [[], 'there is the chaos resume, kill, rolling, million, and no ""; see --help'],
  [['kill'], '--backplane takes memory, cluster, redis, nats, not nothing'],
  [['kill', '--backplane', 'memory', '--engine', 'pause'], '--engine pause is for --backplane redis and nats'],
  [['kill', '--backplane', 'memory', '--engine', 'fire'], '--engine takes none, restart, crash, pause, cut, not fire'],
  [['kill', '--backplane', 'nats', '--persistence', 'none'], '--persistence is for --backplane redis'],
  [['kill', '--backplane', 'memory', '--nodes', '1'], '--nodes takes at least 2: one is killed'],
  [['rolling', '--backplane', 'memory', '--rate', 'x'], '--rate takes a number from 1 to 999999999, not x'],
  [['rolling', '--backplane', 'memory', '--engine', 'none'], "Unknown option '--engine'"],
  [['million', '--backplane', 'memory', '--bare'], '--bare is for --backplane redis and nats'],
  [['resume', '--cuts', '4'], "Unknown option '--cuts'"],
])('%j is refused in one line', (args, words) => {
  expect(chaos(...args)).toMatchObject({ status: 2, stderr: `chaos: ${words}\n`, stdout: '' })
})

describe('the ledger', () => {
  type Got = readonly [offset: number, number: number, passed?: number, recovered?: boolean]
  /** A topic of five publications, 10 to 50, and what somebody had of it. */
  function judged(got: readonly Got[], whole = true) {
    const ledger = new Ledger()
    for (const offset of [1, 2, 3, 4, 5]) ledger.published('topic', offset, offset * 10)
    const reading = new Reading('somebody', 'topic')
    for (const [offset, data, passed = 0, recovered = true] of got) reading.add({ offset, data, passed, recovered })
    reading.judge(ledger, whole)
    const { lost, doubled, disordered, altered, unrecovered } = ledger.sums
    return { lost, doubled, disordered, altered, unrecovered, findings: ledger.findings.length }
  }
  const fine = { ...NOTHING, unrecovered: 0, findings: 0 }

  test.each<readonly [string, readonly Got[], Partial<typeof fine>]>([
    [
      'all of it',
      [
        [1, 10],
        [2, 20],
        [3, 30],
        [4, 40],
        [5, 50],
      ],
      {},
    ],
    [
      'from the middle on',
      [
        [3, 30],
        [4, 40],
        [5, 50],
      ],
      {},
    ],
    ['nothing at all', [], {}],
    [
      'a gap that was told',
      [
        [1, 10],
        [4, 40, 2],
        [5, 50],
      ],
      {},
    ],
    [
      'a gap that may be, and was told',
      [
        [1, 10],
        [4, 40, 0, false],
        [5, 50],
      ],
      { unrecovered: 1 },
    ],
    [
      'a gap',
      [
        [1, 10],
        [4, 40],
        [5, 50],
      ],
      { lost: 2, findings: 1 },
    ],
    [
      'a gap that was told too small',
      [
        [1, 10],
        [4, 40, 1],
        [5, 50],
      ],
      { lost: 1, findings: 1 },
    ],
    [
      'a gap that was told where none is',
      [
        [4, 40],
        [5, 50, 3],
      ],
      { lost: 3, findings: 1 },
    ],
    [
      'the end missing',
      [
        [1, 10],
        [2, 20],
        [3, 30],
      ],
      { lost: 2, findings: 1 },
    ],
    [
      'one twice',
      [
        [4, 40],
        [4, 40],
        [5, 50],
      ],
      { doubled: 1, findings: 1 },
    ],
    [
      'one too late',
      [
        [3, 30],
        [5, 50, 1],
        [4, 40],
      ],
      { disordered: 1, findings: 1 },
    ],
    [
      'another content',
      [
        [4, 40],
        [5, 51],
      ],
      { altered: 1, findings: 1 },
    ],
    [
      'what was never published',
      [
        [4, 40],
        [5, 50],
        [6, 60],
      ],
      { altered: 1, findings: 1 },
    ],
  ])('%s', (_name, got, wrong) => {
    expect(judged(got)).toEqual({ ...fine, ...wrong })
  })

  test('who left before the end misses nothing there', () => {
    expect(judged([[1, 10]], false)).toEqual(fine)
  })

  test('who is told at the end that something may be missing waits for nothing', () => {
    const ledger = new Ledger()
    ledger.published('topic', 1, 10)
    ledger.published('topic', 2, 20)
    const reading = new Reading('somebody', 'topic')
    reading.add({ offset: 1, data: 10, passed: 0, recovered: true })
    expect(reading.waits(ledger)).toBe(true)
    reading.again(false)
    expect(reading.waits(ledger)).toBe(false)
    reading.judge(ledger, true)
    expect(ledger.sums).toMatchObject({ lost: 0, unrecovered: 1 })
  })

  test('what was published twice, or not in its order, is seen', () => {
    const ledger = new Ledger()
    ledger.published('topic', 1, 10)
    ledger.published('topic', 2, 10)
    ledger.published('topic', 4, 20)
    expect(ledger.sums).toMatchObject({ doubled: 1, disordered: 1 })
  })
})
