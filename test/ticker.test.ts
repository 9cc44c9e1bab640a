/** `npm run ticker` in small: every scene is played, and its figures are there. How good they are hangs on the machine. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './support/documents.ts'

test('each scene of the ticker publishes, is read, and says what became of it', async () => {
  const main = join(root, 'scripts/ticker/main.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--seconds', '0.4', '--json'])
  const scenes = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(scenes.map(({ name }) => name)).toHaveLength(6)
  for (const { name, quick, rss, stats } of scenes) {
    expect(stats.published, name).toBeGreaterThan(100)
    expect(quick.read, name).toBeGreaterThan(100)
    expect(rss.length, name).toBeGreaterThan(2)
  }
  expect(scenes.filter(({ late }) => late.read > 0)).toHaveLength(2)
})
