/** Before all tests: finds Chromium once, says in one line why it is missing, and hands the answer to the tests. */
import type { TestProject } from 'vitest/node'
import { findChromium } from '../../scripts/chromium.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of Chromium, or undefined when the tests that need it are to be skipped. */
    chromium: string | undefined
  }
}

export default function setup(project: TestProject): void {
  const { path, reason } = findChromium()
  if (!path && process.env['HOTLINE_REQUIRE_ALL'] === '1') throw new Error(`Chromium is required here: ${reason}`)
  if (!path) console.log(`Skipping the tests in Chromium: ${reason}`)
  project.provide('chromium', path)
}
