/** `npm run chaos -- kill` and `rolling`: servers that are one lose nothing when one of them goes, or what joins them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { Audit } from '../scripts/chaos/nodes/audit.mjs'
import { Node } from '../scripts/chaos/nodes/fleet.mjs'
import { Reading, Sheet } from '../scripts/chaos/nodes/reading.mjs'
import { dataOf, idIn, idOf } from '../scripts/chaos/nodes/words.mjs'
import { root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-chaos-'))
afterAll(() => rmSync(folder, { recursive: true }))

const NOTHING = { lost: 0, doubled: 0, disordered: 0, altered: 0 }
const SHORT = ['--clients', '24', '--publications', '900', '--rate', '450', '--seed', '5']

function chaos(...args: string[]) {
  const json = join(folder, 'counts.json')
  const program = join(root, 'scripts/chaos/main.mjs')
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args, ...SHORT, '--json', json], {
    encoding: 'utf8',
  })
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' })
  return JSON.parse(readFileSync(json, 'utf8'))
}

/** Each of the readers has each of the publications. */
function expectAll(counts: ReturnType<typeof chaos>): void {
  expect(counts).toMatchObject({
    ...NOTHING,
    unrecovered: 0,
    repeated: 0,
    missed: 0,
    gone: 0,
    refused: 0,
    forgotten: 0,
    findings: [],
  })
  expect(counts.published).toBeGreaterThanOrEqual(880)
  expect(counts.delivered).toBe(counts.published * 24)
  expect(counts.given).toBe(counts.published + counts.unknown - counts.reached)
  expect(counts.comings).toBeGreaterThan(0)
}

/** Each with what is done to it here; `npm run chaos` can do all of it to both. */
const engines: [string, string | undefined, readonly string[]][] = [
  ['redis', inject('redis'), ['crash', 'cut']],
  ['nats', inject('nats'), ['restart', 'pause']],
]

describe('a node that is killed', () => {
  test.each(['memory', 'cluster'])('loses nothing between servers joined by %s', backplane => {
    expectAll(chaos('kill', '--backplane', backplane, '--replace'))
  })

  describe.each(engines)('of several that are joined by %s', (backplane, path, harms) => {
    test.skipIf(!path).each(harms)('loses nothing, and an engine too: %s', harm => {
      expectAll(chaos('kill', '--backplane', backplane, '--engine', harm, '--away', '2'))
    })
  })

  test.skipIf(!inject('redis'))('has everybody told when Redis keeps nothing, and is killed too', () => {
    const harm = ['--engine', 'crash', '--away', '1', '--persistence', 'none']
    const counts = chaos('kill', '--backplane', 'redis', ...harm, '--way', '100')
    expect(counts).toMatchObject({ ...NOTHING, findings: [], missed: 0 })
    expect(counts.codes).toEqual({ epoch: 24 * 4 })
    expect(counts.unrecovered).toBe(24 * 4)
    // What was under way to the first node has gone with Redis.
    expect(counts.gone).toBeGreaterThan(0)
    expect(24 * (counts.published + counts.forgotten)).toBe(counts.delivered - counts.repeated + counts.gone)
  })
})

describe('nodes that are replaced one after the other', () => {
  const found = engines.filter(([, path]) => path).map(([name]) => name)
  test.each(['memory', 'cluster', ...found])('lose nothing, joined by %s', backplane => {
    const counts = chaos('rolling', '--backplane', backplane)
    expectAll(counts)
    expect(counts.drained).toHaveLength(3)
    expect(counts.longestAway).toBeLessThan(10_000)
  })
})

test('a topic that keeps little takes no more memory for more publications', () => {
  const json = join(folder, 'million.json')
  const small = ['--publications', '4000', '--json', json]
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts/chaos/main.mjs'), 'million', '--backplane', 'memory', ...small],
    { encoding: 'utf8' },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const counts = JSON.parse(readFileSync(json, 'utf8'))
  expect(counts).toMatchObject({ ...NOTHING, grown: 0, refused: 0, findings: [] })
  expect(counts.delivered).toBe(4 * counts.published)
  expect(counts.memory.length).toBeGreaterThan(5)
})

describe('a reading', () => {
  type Place = { epoch: string; offset: number }
  type Got = readonly [offset: number, passed?: number, told?: readonly [epoch: string, offset: number]]

  /** What stands in a life of the topic: the numbers of the publications of node 1, from offset 1 on; 0 where nobody knows. */
  const life = (...numbers: number[]): number[] => [0, ...numbers.map(number => number && idOf(1, number))]

  const begin = (): { sheet: Sheet; reading: Reading } => {
    const sheet = new Sheet()
    const reading = new Reading(sheet, 'somebody', 'topic')
    reading.said({ epoch: 'e', offset: 0 })
    reading.subscribed(true, '')
    return { sheet, reading }
  }
  const sumsOf = ({ sums: { delivered: _, ...sums } }: Sheet) => sums
  const fine = { ...NOTHING, unrecovered: 0, repeated: 0, skipped: 0, missed: 0, gone: 0 }
  const five = new Map([['e', life(1, 2, 3, 4, 5)]])

  /** A reader that subscribed at 0 of epoch e, and got these; `told` is a `subscribed` right before that was not recovered. */
  function judged(got: readonly Got[], final: Place = { epoch: 'e', offset: 5 }, lives = five) {
    const { sheet, reading } = begin()
    for (const [offset, passed = 0, told] of got) {
      if (told !== undefined) {
        reading.said({ epoch: told[0], offset: told[1] })
        reading.subscribed(false, 'epoch')
      }
      reading.add({ offset, data: dataOf(idOf(1, offset)), passed, recovered: told === undefined })
    }
    reading.judge(final, lives)
    return sumsOf(sheet)
  }

  test.each<readonly [string, readonly Got[], Partial<typeof fine>]>([
    ['all of it', [[1], [2], [3], [4], [5]], {}],
    ['not the first', [[2], [3], [4], [5]], { lost: 1, missed: 1 }],
    ['not the last', [[1], [2], [3]], { lost: 2 }],
    ['a hole', [[1], [4], [5]], { lost: 2, missed: 2 }],
    ['a hole that was told', [[1], [4, 2], [5]], { missed: 2 }],
    ['a hole that was told too small', [[1], [4, 1], [5]], { lost: 1, missed: 2 }],
    ['a place that was jumped to, and told', [[1], [4, 2, ['e', 3]], [5]], { unrecovered: 1, missed: 2 }],
    ['a place that was jumped to, and another hole', [[1], [5, 2, ['e', 3]]], { unrecovered: 1, lost: 1, missed: 3 }],
    ['one twice', [[1], [2], [2], [3], [4], [5]], { doubled: 1, disordered: 1 }],
    ['one too late', [[1], [3, 1], [2], [3], [4], [5]], { disordered: 1, doubled: 1 }],
  ])('of %s', (_name, got, wrong) => {
    expect(judged(got)).toEqual({ ...fine, ...wrong })
  })

  test('of another epoch that was told is none that is wrong, and what comes again there is told apart', () => {
    const lives = new Map([
      ['e', life(1, 2)],
      ['f', life(1, 2, 3)],
    ])
    const got: readonly Got[] = [[1], [2], [1, 0, ['f', 0]], [2], [3]]
    expect(judged(got, { epoch: 'f', offset: 3 }, lives)).toEqual({ ...fine, unrecovered: 1, repeated: 2 })
  })

  test('that ends in another epoch than all others is wrong', () => {
    const lives = new Map([['e', life(1, 2)]])
    expect(judged([[1], [2]], { epoch: 'f', offset: 2 }, lives)).toEqual({ ...fine, lost: 1 })
  })

  test('that goes on as if it were whole, at another place, is wrong', () => {
    const { sheet, reading } = begin()
    reading.said({ epoch: 'e', offset: 3 })
    reading.subscribed(true, '')
    expect(sheet.sums.lost).toBe(1)
  })

  describe('of a topic that begins anew unasked', () => {
    /** It has 1 and 2 of epoch e, where others have 3 too; the topic goes on behind `at` of epoch f; then it gets these of f. */
    function renewed(at: number, got: readonly (readonly [offset: number, number: number])[], ...f: number[]) {
      const { sheet, reading } = begin()
      for (const offset of [1, 2]) reading.add({ offset, data: dataOf(idOf(1, offset)), passed: 0, recovered: true })
      reading.said({ epoch: 'f', offset: at }, false)
      reading.subscribed(false, 'epoch')
      for (const [index, [offset, number]] of got.entries())
        reading.add({ offset, data: dataOf(idOf(1, number)), passed: 0, recovered: index > 0 })
      const lives = new Map([
        ['e', life(1, 2, 3)],
        ['f', life(...f)],
      ])
      reading.judge({ epoch: 'f', offset: f.length }, lives)
      return sumsOf(sheet)
    }
    const told = { ...fine, unrecovered: 1 }

    test.each<readonly [string, Parameters<typeof renewed>, Partial<typeof fine>]>([
      ['what nobody can have any more is gone', [0, [[1, 4]], 4], { gone: 1 }],
      [
        'it is led over what it had before',
        [
          0,
          [
            [1, 3],
            [3, 4],
          ],
          3,
          2,
          4,
        ],
        { skipped: 1 },
      ],
      [
        'it begins behind what it had before',
        [
          1,
          [
            [2, 3],
            [3, 4],
          ],
          2,
          3,
          4,
        ],
        {},
      ],
      ['it is led over what it has never had', [0, [[2, 4]], 3, 4], { skipped: 1, lost: 1 }],
      ['it begins behind what it has never had', [1, [[2, 4]], 3, 4], { lost: 1 }],
      ['it is led over what nobody knows of', [0, [[2, 4]], 0, 4], { lost: 1, gone: 1 }],
      [
        'it is given again what it had before',
        [
          0,
          [
            [1, 2],
            [2, 4],
          ],
          2,
          4,
        ],
        { doubled: 1, gone: 1 },
      ],
      ['it never gets the last', [0, [[1, 4]], 4, 5], { lost: 1, gone: 1 }],
    ])('%s', (_name, args, wrong) => {
      expect(renewed(...args)).toEqual({ ...told, ...wrong })
    })
  })

  test('of what another reader saw otherwise, or of what nobody published, is altered', () => {
    const sheet = new Sheet()
    for (const data of [dataOf(7), dataOf(8), { id: 7, seal: 'wrong' }, 'nonsense', null]) {
      const reading = new Reading(sheet, 'somebody', 'topic')
      reading.said({ epoch: 'e', offset: 0 })
      reading.subscribed(true, '')
      reading.add({ offset: 1, data, passed: 0, recovered: true })
    }
    expect(sheet.sums).toMatchObject({ altered: 4, lost: 0 })
    expect(idIn(dataOf(7))).toBe(7)
  })
})

describe('the audit', () => {
  /** Node 1 was told that publications 1, 2 and 3 are stored at their offsets in topic 0; two processes of readers saw these. */
  function audited(one: number[], other: number[], epoch = 'e') {
    const node = Object.assign(new Node(1), {
      given: 3,
      stored: [1, 2, 3].map(number => [number, 0, 'e', number]),
    })
    const seen = [one, other].map(ids => [{ topic: 0, epoch: 'e', ids: [0, ...ids.map(number => idOf(1, number))] }])
    const audit = new Audit(seen)
    audit.compare([node], [{ epoch, offset: 3 }])
    return audit
  }
  const wrongsOf = ({ sums: { lost, doubled, disordered, altered }, counts: { forgotten } }: Audit) => ({
    ...{ lost, doubled, disordered, altered },
    forgotten,
  })
  const fine = { ...NOTHING, forgotten: 0 }

  test.each<readonly [string, readonly number[], readonly number[], Partial<typeof fine>]>([
    ['all of it', [1, 2, 3], [1, 2, 3], {}],
    ['another order', [1, 3, 2], [1, 3, 2], { disordered: 1, altered: 2 }],
    ['two orders', [1, 2, 3], [1, 3, 2], { altered: 2 }],
    ['one at two places', [1, 2, 2, 3], [1, 2, 2, 3], { doubled: 1, altered: 1 }],
  ])('of %s', (_name, one, other, wrong) => {
    expect(wrongsOf(audited([...one], [...other]))).toEqual({ ...fine, ...wrong })
  })

  test('has the readers look for what is stored and nobody has', () => {
    const audit = audited([1, 2], [1, 2])
    expect(wrongsOf(audit)).toEqual(fine)
    expect(audit.lives[0]?.ids.slice(1)).toEqual([1, 2, 3].map(number => idOf(1, number)))
  })

  test('of what the engine forgot, and everybody was told of', () => {
    expect(wrongsOf(audited([1, 2], [1, 2], 'f'))).toEqual({ ...fine, forgotten: 1 })
  })

  test.each([
    ['all have it', { delivered: 6 }, 0],
    ['it is told what they miss', { delivered: 3, missed: 2, gone: 1 }, 0],
    ['some have it again', { delivered: 7, repeated: 1 }, 0],
    ['it is not told what one misses', { delivered: 5 }, 1],
    ['there is more than there can be', { delivered: 8 }, 2],
  ])('comes out only when %s', (_name, some, lost) => {
    const audit = audited([1, 2, 3], [1, 2, 3])
    const nothing = { ...NOTHING, delivered: 0, unrecovered: 0, repeated: 0, skipped: 0, missed: 0, gone: 0 }
    audit.take(
      [{ sums: { ...nothing, ...some }, findings: [], codes: {}, told: [], away: [], notices: {}, attempts: 0 }],
      2,
    )
    expect(audit.sums.lost).toBe(lost)
  })

  test('of readers that are at different places in the end is wrong', () => {
    const audit = audited([1, 2, 3], [1, 2, 3])
    audit.parted(0)
    expect(audit.sums.lost).toBe(1)
  })
})
