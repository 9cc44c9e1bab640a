/** The soak in short: memory stays flat under mixed traffic, and the verdict sees it when it does not. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judge } from '../scripts/soak/verdict.mjs'
import { root } from './support/documents.ts'

/** The end of a run with 200 connections, and its exit code. */
function soak(...args: string[]): Promise<{ code: number; output: string }> {
  const file = join(root, 'scripts/soak/soak.mjs')
  return new Promise(resolve => {
    execFile(process.execPath, [file, '--connections', '200', ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

test.concurrent('twenty seconds of mixed traffic leave no memory behind', async () => {
  const { code, output } = await soak('--minutes', '0.35')
  expect(output).toMatch(/flat: memory did not grow\n$/)
  expect(code).toBe(0)
})

test.concurrent('a server that keeps what it is sent is found out', async () => {
  const { code, output } = await soak('--minutes', '0.35', '--leak')
  expect(output).toMatch(/GROWS\n/)
  expect(output).toMatch(/not flat: memory grew\n$/)
  expect(code).toBe(1)
})

describe('the verdict', () => {
  const MIB = 1_048_576
  /** An hour of samples by a formula. */
  const hour = (heap: (minute: number) => number) =>
    Array.from({ length: 120 }, (_, at) => {
      const heapUsed = heap(at / 2) * MIB
      return { seconds: at * 30, heapUsed, rss: 0, external: 0, arrayBuffers: 0, sockets: 0, faults: [] }
    })

  test.each<[string, boolean, (minute: number) => number]>([
    ['the same all the time', true, () => 50],
    ['a beginning that fills up', true, minute => 50 - 20 * Math.exp(-minute / 4)],
    ['noise', true, minute => 50 + 10 * Math.sin(minute * 97)],
    ['less and less', true, minute => 80 - minute / 2],
    ['a peak in the middle', true, minute => (Math.abs(minute - 30) < 3 ? 200 : 50)],
    ['six MiB in an hour', false, minute => 50 + minute / 8],
    ['a step near the end', false, minute => (minute > 40 ? 58 : 50)],
    ['growth within noise', false, minute => 50 + minute / 5 + 3 * Math.sin(minute * 97)],
  ])('%s: flat is %s', (_, flat, heap) => {
    expect(judge(hour(heap)).find(({ measure }) => measure === 'heapUsed')?.flat).toBe(flat)
  })
})
