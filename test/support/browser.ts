/** Chromium for tests: `test.skipIf(!chromium)` and `await launch()`. */
import { type Browser, chromium as playwright } from 'playwright-core'
import { inject } from 'vitest'
import type {} from './setup.ts'

/** The path of Chromium, or undefined when there is none; setup.ts has said why. */
export const chromium = inject('chromium')

export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A fresh headless Chromium with a profile of its own. The caller closes it. */
export async function launch(): Promise<Browser> {
  if (!chromium) throw new Error('there is no Chromium; skip this test with test.skipIf(!chromium)')
  return playwright.launch({ executablePath: chromium, headless: true, args })
}
