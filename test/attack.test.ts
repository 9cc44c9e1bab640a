/** The attack suite in short: every attack, smaller, stays within its bounds; no time is judged, no deadline waited for. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { absent, plans } from '../attack/attacks/index.mjs'
import type { Finding, Plan, Results } from '../attack/types.ts'
import { late, missesOf } from '../attack/verdict.mjs'
import { read, root } from './support/documents.ts'

const MIB = 1_048_576

function attack(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [join(root, 'attack/main.mjs'), ...args],
      { maxBuffer: 64 * MIB },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

describe('the short form', () => {
  let run: Awaited<ReturnType<typeof attack>>
  let results: Results
  beforeAll(async () => {
    run = await attack('--quick', '--json', '-')
    results = JSON.parse(run.stdout)
  }, 120_000)

  test.each(plans.map(({ name }) => name))('%s stays within its bounds', name => {
    const found = results.findings.find(finding => finding.name === name)
    expect(found).toMatchObject({ victim: 'hotline', misses: [], serves: true, said: '' })
    expect(Object.keys(found?.outcomes ?? {})).not.toHaveLength(0)
  })

  test('ends well', () => expect(run).toMatchObject({ code: 0, stderr: '' }))
})

describe('the verdict', () => {
  const plan = plans.find(({ name }) => name === 'bomb-zeros') as Plan
  const wait = { p50: 0.2, p99: 0.5, max: 1, echoes: 1000, open: true }
  const good: Omit<Finding, 'misses'> = {
    name: plan.name,
    victim: 'hotline',
    outcomes: { 1009: 8 },
    faults: [],
    done: {},
    seconds: 3,
    memory: { before: 100 * MIB, peak: 110 * MIB, after: 105 * MIB, permitted: 0 },
    quiet: wait,
    during: { ...wait, p99: 4.9 },
    serves: true,
    left: 0,
    said: '',
    attempts: 1,
  }

  test('says nothing when all is well', () => expect(missesOf(plan, good, false)).toEqual([]))

  test.each<[string, Partial<Finding>, RegExp]>([
    ['memory', { memory: { ...good.memory, peak: 133 * MIB } }, /memory grew by 33 MiB, and 32 MiB/],
    ['time', { during: { ...wait, p99: 5.1 } }, /waited 5\.1 ms/],
    ['a crash', { ended: '1' }, /the process ended: 1/],
    [
      'a rejection that nobody handled',
      { said: 'Error: unhandled\n    at x' },
      /standard error has: Error: unhandled$/,
    ],
    ['no service', { serves: false }, /not served/],
    ['a polite line that was lost', { during: { ...wait, open: false } }, /lost its line/],
    ['lines that stay', { left: 2 }, /2 lines are left/],
    ['a wrong code', { outcomes: { 1009: 7, 1011: 1 } }, /1 lines ended with 1011/],
    ['what the attack itself has seen', { faults: ['a byte that nobody sent'] }, /a byte that nobody sent/],
  ])('names %s', (_, wrong, miss) => {
    const misses = missesOf(plan, { ...good, ...wrong }, false)
    expect(misses).toHaveLength(1)
    expect(misses[0]).toMatch(miss)
  })

  test('five times a quiet p99 are permitted, and less than a millisecond counts as one', () => {
    const of = (quiet: number, during: number) =>
      late({ quiet: { ...wait, p99: quiet }, during: { ...wait, p99: during } })
    expect([of(0.1, 4.9), of(0.1, 5.1), of(3, 14.9), of(3, 15.1)].map(({ length }) => length)).toEqual([0, 1, 0, 1])
  })
})

describe('the suite', () => {
  test('attacks every line of the list, or says why not', () => {
    const lines = new Set([...plans.flatMap(({ threats }) => threats), ...absent.map(({ threat }) => threat), 17])
    expect([...lines].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, at) => at + 1))
  })

  test('has a name for each attack, which the page and the record have too', () => {
    const names = plans.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const page = read('docs/attacks.md')
    const record: Results = JSON.parse(read('docs/attacks.json'))
    const own = record.findings.filter(({ victim }) => victim === 'hotline').map(({ name }) => name)
    expect(own.toSorted()).toEqual(names.toSorted())
    for (const name of names) expect(page.split('## The run of record')[0]).toContain(`\`${name}\``)
  })

  test.each([
    [['--wrong'], /^attack: .*--wrong/],
    [['--only', '['], /^attack: --only/],
    [['--only', '^nothing$'], /^attack: --only: no attack matches/],
  ])('%j is a wrong command line', async (args, line) => {
    const { code, stdout, stderr } = await attack(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(line)
  })
})
