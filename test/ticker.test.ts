/** `npm run ticker` in small: every scene is played, and its figures are there. How good they are hangs on the machine. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-ticker-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ticker = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(root, 'scripts/ticker/main.mjs'), ...args])

test('each scene of the ticker publishes, is read, and says what became of it', async () => {
  const json = join(folder, 'played.json')
  const { stdout } = await ticker('--seconds', '0.8', '--json', json, '--out', join(folder, 'pictures'))
  const played = JSON.parse(readFileSync(json, 'utf8'))
  expect(stdout.match(/^\| \w/gm)).toHaveLength(1 + played.length)
  expect(played).toHaveLength(9)
  for (const { name, quick, rss } of played) {
    expect(quick.read, name).toBeGreaterThan(0)
    expect(rss.length, name).toBeGreaterThan(0)
  }
  expect(played.filter(({ late }: { late: { read: number } }) => late.read > 0)).toHaveLength(3)
  expect(readdirSync(join(folder, 'pictures')).sort()).toEqual(['ages.svg', 'memory.svg'])
})

test.each([
  [['--seconds', '0'], '--seconds takes a number from above 0 to 3600, not 0'],
  [['--json', join(folder, 'nowhere', 'x')], 'ENOENT'],
  [['--fast'], "Unknown option '--fast'"],
])('%s is refused before anything is played', async (args, words) => {
  const failed = await ticker(...args).catch(error => error)
  expect([failed.code, failed.stdout]).toEqual([2, ''])
  expect(failed.stderr).toContain(words)
})
