/** docs/reference/whatwg.md says what the claims say. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sections } from './claims.ts'
import { factsOf, whatwgPage } from './report.ts'

const page = readFileSync(new URL('../../../../../docs/reference/whatwg.md', import.meta.url), 'utf8')

test('docs/reference/whatwg.md is made of the claims; else `npm run docs:whatwg`', () => {
  expect(page).toBe(whatwgPage(factsOf(page)))
})

test('no section met more claims of undici than it has', () => {
  const { met } = factsOf(page).undici
  expect(met).toHaveLength(sections.length)
  expect(met.filter((count, i) => count > (sections[i]?.claims.length ?? 0))).toEqual([])
})
