/** The tables of the herd in docs/guide/lines.md are what the code of `connect` does now. */
import { expect, test } from 'vitest'
import { herds, herdTables, simulate, writtenTables } from '../scripts/herd.mjs'
import { read } from './support/documents.ts'

test('the tables are those of the simulation; else `npm run docs:herd`', async () => {
  expect(writtenTables(read('docs/guide/lines.md'))).toBe(await herdTables())
})

test('nobody comes before the time that the server asked for', async () => {
  const herd = herds.find(({ retry }) => retry !== undefined)!
  const { attempts } = await simulate(herd)
  expect(Math.min(...attempts)).toBeGreaterThanOrEqual(herd.retry!)
})
