/** What is shown: a line while it runs, what crashed, and the table at the end. */
import { relative } from 'node:path'
import type { Crash, Seen } from './engine/fuzzer.ts'

/** How far one target is. */
export interface Row {
  readonly target: string
  readonly inputs: number
  readonly milliseconds: number
  readonly crashes: number
  readonly corpus: number
  readonly explained: readonly Seen[]
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ')

/** One line, which is written over the one before. */
export function progress(rows: readonly Row[], current: string, elapsed: number): string {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0)
  const inputs = sum(row => row.inputs)
  const rate = inputs / Math.max(elapsed / 1000, 0.001)
  const crashes = sum(row => row.crashes)
  return `${Math.round(elapsed / 1000)} s  ${grouped(inputs)} inputs  ${grouped(rate)}/s  ${crashes} crashes  corpus ${sum(row => row.corpus)}  ${current}`
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ target, inputs, milliseconds, crashes, explained }) => [
    target,
    grouped(inputs),
    (milliseconds / 1000).toFixed(1),
    grouped(inputs / Math.max(milliseconds / 1000, 0.001)),
    String(crashes),
    grouped(explained.reduce((all, { count }) => all + count, 0)),
  ])
  const all = [['target', 'inputs', 'seconds', 'inputs/s', 'crashes', 'explained'], ...cells]
  const widths = all[0]?.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0))) ?? []
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return all.map(line).join('\n')
}

/** Each difference that was met, how often, who is right, and the clause. */
export function differences(rows: readonly Row[]): string {
  return rows
    .flatMap(({ target, explained }) =>
      explained.map(({ difference: { what, clause, right }, count }) => {
        const who = right === 'both' ? 'both may' : `${right} is right`
        return `${target}: ${what} (${grouped(count)} times; ${who})\n    ${clause}`
      }),
    )
    .join('\n')
}

/** What crashed, its file, and how to see it again. */
export function crashText({ target, claim, message, file, index, input }: Crash, seed: number): string {
  const shown = relative(process.cwd(), file ?? '')
  const source =
    index === undefined ? 'of the corpus' : `input ${index} of seed ${seed}, made small: ${input.length} bytes`
  return [
    `CRASH in ${target}: ${claim}`,
    `    ${source}`,
    ...message
      .split('\n')
      .slice(1, 9)
      .map(text => `    ${text.trim()}`),
    `    ${shown}`,
    `    npm run fuzz -- --replay ${shown}`,
  ].join('\n')
}
