/** The fuzzers in small: every file of the corpus, a fixed number of fixed inputs, and faults that they must find. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCorpus } from './engine/corpus.ts'
import { type Crash, Fuzzer } from './engine/fuzzer.ts'
import { shrink } from './engine/shrink.ts'
import { claim, type Target } from './engine/target.ts'
import { faults } from './faults.mjs'
import { targets } from './targets/index.ts'

const corpus = join(import.meta.dirname, 'corpus')

/** Inputs of each target: about a third of a second on a quiet machine. */
const COUNTS: Readonly<Record<string, number>> = {
  frames: 400,
  ws: 2500,
  'ws-deflate': 600,
  encode: 120,
  utf8: 600,
  close: 5000,
  deflate: 120,
  endpoint: 400,
  connection: 120,
  request: 3000,
  http: 250,
  answer: 3000,
  extensions: 3000,
  protocols: 5000,
  url: 4500,
  options: 1500,
  wire: 2000,
  topics: 400,
  presence: 300,
}

async function run(target: Target, count: number, seed = 1) {
  const crashes: Crash[] = []
  const kept = readCorpus(corpus, target.name)
  const fuzzer = new Fuzzer(target, seed, kept, { trying: () => {}, crashed: crash => crashes.push(crash) })
  await fuzzer.replay()
  await fuzzer.run(count)
  return { fuzzer, crashes, kept }
}

describe.each(targets)('$name', target => {
  test('no file of the corpus and no fresh input crashes it', async () => {
    const { crashes, fuzzer, kept } = await run(target, COUNTS[target.name] as number)
    expect(crashes).toEqual([])
    expect(kept.length).toBeGreaterThan(0)
    expect(fuzzer.inputs).toBe(kept.length + (COUNTS[target.name] as number))
  })
})

test('each folder of the corpus belongs to a target', () => {
  expect(readdirSync(corpus).sort()).toEqual(targets.map(({ name }) => name).sort())
})

test('docs/fuzzing.md names every target, every difference and every fault that is planted', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/fuzzing.md'), 'utf8')
  for (const { name, explains = [] } of targets) {
    expect(page).toContain(`| \`${name}\` |`)
    for (const { what, clause } of explains) expect(page).toContain(`| ${what} | ${clause} |`)
  }
  for (const { target, fault } of faults) expect(page).toContain(`| \`${target}\` | ${fault} |`)
})

test('each fault that --prove plants stands in the sources once, to be replaced', () => {
  for (const { file, find } of faults) {
    const source = readFileSync(join(import.meta.dirname, '../packages/hotline/src', file), 'utf8')
    expect([find, source.split(find).length - 1]).toEqual([find, 1])
  }
})

const brittle: Target = {
  name: 'brittle',
  about: 'crashes where two bytes stand in order',
  longest: 100,
  make: random => random.bytes(60),
  run: input => claim(!(input.includes(0x10) && input.indexOf(0x20) > input.indexOf(0x10)), 'no 20 behind a 10'),
}

describe('the fuzzer', () => {
  test('finds the same input with the same seed, and makes it small', async () => {
    const first = await run(brittle, 300)
    const second = await run(brittle, 300)
    expect(first.crashes.map(({ index }) => index)).toEqual(second.crashes.map(({ index }) => index))
    expect(first.crashes.map(({ input }) => [...input])).toEqual([[0x10, 0x20]])
    expect(first.fuzzer.crashes).toBeGreaterThan(1)
  })

  test('takes a rejection that nobody handles, and an error of another kind, for a crash', async () => {
    const rejects: Target = { ...brittle, run: async () => void Promise.reject(new Error('nobody listens')) }
    const throws: Target = { ...brittle, run: () => (undefined as unknown as { a: () => void }).a() }
    expect((await run(rejects, 1)).crashes).toMatchObject([{ claim: expect.stringContaining('nobody listens') }])
    expect((await run(throws, 1)).crashes).toMatchObject([{ claim: expect.stringContaining('TypeError') }])
  })

  test('gives up making a crash small after so many tries', async () => {
    let tries = 0
    await shrink(new Uint8Array(1000), async bytes => ++tries > 0 && bytes.length > 990, 50)
    expect(tries).toBe(50)
  })
})

const program = join(import.meta.dirname, 'start.mjs')

/** The program as it is typed. */
function type(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, NO_COLOR: '1' } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
    child.on('close', code => resolve({ code, output }))
  })
}

describe('npm run fuzz', () => {
  test('ends with a table, and the seed with which it does the same again', async () => {
    const { code, output } = await type('--only', 'close', '--only', 'url', '--count', '200', '--seed', '7')
    expect(output).toMatch(/^seed 7, 200 inputs each/)
    expect(output).toMatch(/^close +2\d\d .* 0 +0$/m)
    expect(code).toBe(0)
  })

  test('replays a file, lists its targets, and refuses what it does not know', async () => {
    const file = join(corpus, 'ws', 'length-5-in-16-bits.bin')
    const [replayed, listed, wrong] = await Promise.all([
      type('--replay', file),
      type('--list'),
      type('--only', 'nothing'),
    ])
    expect(replayed).toMatchObject({ code: 0, output: expect.stringContaining('not in their shortest form') })
    expect(listed.output.trim().split('\n')).toHaveLength(targets.length)
    expect(wrong).toEqual({ code: 2, output: 'there is no target nothing: see --list\n' })
  })

  // One fault for each of a few targets; `npm run fuzz -- --prove` plants all of them.
  test.each(['frames', 'endpoint', 'url'])('finds a fault that is planted for %s', async target => {
    const { code, output } = await type('--prove', target, '1')
    expect(output).toMatch(/^\w+ +\d+ {2}/)
    expect(code).toBe(0)
  })
})
