/** `npm run screenshots` in small: one page, at both sizes, light and dark. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { chromium } from './support/browser.ts'
import { root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-screenshots-'))
afterAll(() => rmSync(folder, { recursive: true }))

const screenshots = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(root, 'scripts/screenshots.mjs'), ...args])

test.skipIf(!chromium)('a page is there at phone and desktop size, light and dark', async () => {
  await screenshots(folder, '--only', 'index')
  expect(readdirSync(folder).sort()).toEqual([
    'index-desktop-dark.png',
    'index-desktop-light.png',
    'index-phone-dark.png',
    'index-phone-light.png',
  ])
})

test('a page that is none is refused in a line', async () => {
  const failed = await screenshots(folder, '--only', 'tea').catch(error => error)
  expect([failed.code, failed.stderr]).toEqual([
    2,
    expect.stringMatching(/^screenshots: --only takes one of index, .*\n$/),
  ])
})
