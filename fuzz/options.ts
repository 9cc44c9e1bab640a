/** What is typed behind `npm run fuzz --`. */
import { parseArgs } from 'node:util'
import { targets } from './targets/index.ts'

export interface Options {
  /** Milliseconds; undefined with `count`. */
  readonly milliseconds: number
  /** Inputs for each target instead of a time. */
  readonly count: number | undefined
  readonly only: readonly string[]
  readonly seed: number
  readonly list: boolean
  readonly help: boolean
  readonly replay: readonly string[]
}

export const HELP = `npm run fuzz -- [options]

  --for TIME      how long, such as 30s, 10m or 2h (1m)
  --count N       so many inputs for each target instead
  --only TARGET   one of --list; may be repeated
  --seed N        the same seed and count try the same inputs
  --replay FILE   try one file of the corpus; may be repeated
  --list          what is fuzzed
  --prove         plant faults in hotline, one after the other, and see each of them found

Exit codes: 0 nothing found, 1 a crash, 2 the command line is wrong.`

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const

/** @throws Error with a sentence for what is wrong */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      for: { type: 'string', default: '1m' },
      count: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      list: { type: 'boolean', default: false },
      replay: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  for (const name of values.only) {
    if (!targets.some(target => target.name === name)) throw new Error(`there is no target ${name}: see --list`)
  }
  return {
    milliseconds: time(values.for),
    count: values.count === undefined ? undefined : number('--count', values.count, 1),
    only: values.only,
    seed: values.seed === undefined ? Date.now() % 1_000_000 : number('--seed', values.seed, 0),
    list: values.list,
    help: values.help,
    replay: values.replay,
  }
}

function time(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? []
  const milliseconds = Number(digits) * UNITS[unit as keyof typeof UNITS]
  if (!(milliseconds > 0)) throw new Error(`--for must be a time such as 30s or 10m, not ${text}`)
  return milliseconds
}

function number(option: string, text: string, least: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    throw new Error(`${option} must be a number from ${least} on, not ${text}`)
  return Number(text)
}
