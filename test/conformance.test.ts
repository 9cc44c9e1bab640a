/** Both ends of hotline pass every case of `hotline verify`, over ws and wss, on both lanes; and the page has what ran. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cases } from '../packages/cli/src/verify/cases.ts'
import { casesFor } from '../packages/cli/src/verify/engine/result.ts'
import { page, type Summary, summaryFile } from '../scripts/peers/page.mjs'
import { clientIn, otherServer, ownServer, type Report } from '../scripts/peers/runs.mjs'
import { read } from './support/documents.ts'

const LIMIT = 120_000

/** What is not a pass, but for what is timed. */
const troubles = ({ results }: Report): string[] =>
  results.flatMap(({ id, title, verdict, notes, timed }) =>
    verdict === 'pass' || (timed && verdict === 'informational')
      ? []
      : [`${verdict} ${id} ${title}: ${notes.join('; ')}`],
  )

describe.concurrent('every case passes, none is lenient, and only what is timed is informational', () => {
  test.for([
    ['ws', ''],
    ['wss', 'public'],
  ] as const)(
    'for the server over %s, with HOTLINE_LANE=%j',
    { timeout: LIMIT },
    async ([scheme, lane], { expect }) => {
      const { report } = await ownServer(scheme, { HOTLINE_LANE: lane })
      expect(troubles(report)).toEqual([])
      expect(report.results).toHaveLength(casesFor('server', cases).length)
    },
  )

  test('for a server that keeps its windows from message to message', { timeout: LIMIT }, async ({ expect }) => {
    const { report } = await otherServer('hotline', '--only', '12.*,13.*')
    expect(troubles(report)).toEqual([])
    expect(report.results.length).toBeGreaterThan(200)
  })

  test.for([
    ['ws', ''],
    ['wss', 'public'],
  ] as const)(
    'for the client over %s, with HOTLINE_LANE=%j',
    { timeout: LIMIT },
    async ([scheme, lane], { expect }) => {
      const { report } = await clientIn(process.execPath, 'hotline', scheme, { HOTLINE_LANE: lane })
      expect(troubles(report)).toEqual([])
      expect(report.results).toHaveLength(casesFor('client', cases).length)
    },
  )
})

describe('docs/reference/conformance.md', () => {
  const summary: Summary = JSON.parse(readFileSync(summaryFile, 'utf8'))

  test('has the tables of the summary beside it', () => {
    expect(read('docs/reference/conformance.md')).toBe(page.with(summary))
  })

  test('is of the cases that there are; else `npm run conformance`', () => {
    for (const { name, cases: ran } of summary.peers)
      expect([name, ran]).toEqual([name, casesFor(name.includes('server') ? 'server' : 'client', cases).length])
  })
})
