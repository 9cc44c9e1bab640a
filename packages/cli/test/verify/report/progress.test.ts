/** How far a run is, as a terminal of so many columns shows it. */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Progress, type ProgressScreen } from '../../../src/verify/report/progress.ts'

// The escapes of a terminal, as log-update writes them.
const ESCAPES = new RegExp(String.raw`${'\u001b'}\[[?\d;]*[A-Za-z]`, 'g')

async function shown(columns: number, isTTY: boolean, play: (progress: Progress) => void): Promise<string> {
  const screen = Object.assign(new PassThrough(), { columns, rows: 24, isTTY })
  const all = text(screen)
  const progress = new Progress(screen as ProgressScreen)
  play(progress)
  progress[Symbol.dispose]()
  screen.end()
  return all
}

const linesOf = (output: string): string[] => output.replace(ESCAPES, '\n').split('\n').filter(Boolean)

const whole = (progress: Progress): void => {
  for (let done = 0; done < 900; done++) progress.step('', 900, done % 10 === 0)
}

// Colours would be among what is compared.
beforeEach(() => vi.stubEnv('NO_COLOR', '1'))
afterEach(() => vi.unstubAllEnvs())

describe('on a terminal', () => {
  test.each([12, 20, 40, 80, 120])('of %d columns no line is wider', async columns => {
    const all = await shown(columns, true, progress => {
      whole(progress)
      for (let done = 0; done < 900; done++) progress.step('a client with a name that is very long', 900, false)
    })
    for (const line of linesOf(all)) expect(line.length).toBeLessThanOrEqual(columns)
  })

  test('there is a bar, how many are done, and how many failed', async () => {
    expect(linesOf(await shown(80, true, whole)).at(-1)).toBe(`${'█'.repeat(40)} 900/900, 90 failed`)
  })

  test('each client has a line of its own, until its report is shown', async () => {
    const all = await shown(80, true, progress => {
      progress.step('one', 1, false)
      progress.step('two', 1, true)
      progress.forget('one')
    })
    const bar = '█'.repeat(40)
    expect(linesOf(all)).toEqual([`one ${bar} 1/1`, `two ${bar} 1/1, 1 failed`, `two ${bar} 1/1, 1 failed`])
  })

  test('a name that a peer gives itself steers nothing', async () => {
    const all = await shown(80, true, progress => progress.step('\u001b[2Jx\ny', 1, false))
    expect(all).not.toContain('\u001b[2Jx')
    expect(linesOf(all)).toEqual([`\\x1b[2Jx y ${'█'.repeat(40)} 1/1`])
  })

  test('there are colours only without NO_COLOR', async () => {
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('TERM', 'xterm')
    expect(await shown(80, true, whole)).toContain('\u001b[36m')
    vi.stubEnv('NO_COLOR', '1')
    expect(await shown(80, true, whole)).not.toContain('\u001b[36m')
  })
})

test('nothing is written where there is no terminal', async () => {
  expect(await shown(80, false, whole)).toBe('')
})
