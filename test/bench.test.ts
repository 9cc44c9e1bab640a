/** The benchmark runs: every server answers the load, and each gets its figure. How large that is, is nobody's test. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './support/documents.ts'

test('bench/echo.mjs gives a figure for hotline, for its public lane and for ws', async () => {
  const args = [join(root, 'bench/echo.mjs'), '--rounds', '1', '--seconds', '0.2', '--connections', '5']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  for (const name of ['hotline', 'hotline-public', 'ws']) {
    expect(stdout).toMatch(new RegExp(`^median of ${name}: \\d+\\.\\d\\d µs, \\d\\.\\d{3} of ws$`, 'm'))
  }
})
