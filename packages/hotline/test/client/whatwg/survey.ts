/** Runs every claim outside of the tests: on our class, on Chromium's, and on undici's, which is Node's own. */
import { isDeepStrictEqual } from 'node:util'
import type { Browser } from 'playwright-core'
import { WebSocket } from '../../../src/client/websocket.ts'
import { bundle, Page } from '../page.ts'
import { sections } from './claims.ts'
import { inNode, openTab, Stage, seeInTab } from './engines.ts'
import type { Claim } from './kit.ts'

/** What was seen of a claim. */
export interface Finding {
  readonly claim: Claim
  readonly seen: unknown
  readonly asExpected: boolean
}

type See = (claim: Claim, at: number, index: number) => unknown

/** Milliseconds for a claim. */
const PATIENCE = 4_000

/** Runs the claims of all sections, one after the other. */
async function survey(see: See): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [at, { claims }] of sections.entries())
    for (const [index, claim] of claims.entries()) {
      const seen = await within(() => see(claim, at, index))
      findings.push({ claim, seen, asExpected: isDeepStrictEqual(seen, claim.expected) })
    }
  return findings
}

async function within(act: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, PATIENCE, 'nothing came')
  })
  try {
    return await Promise.race([act(), late])
  } catch (error) {
    return `thrown: ${error}`
  } finally {
    clearTimeout(timer)
  }
}

/** The claims on a class in this process. @public scripts/whatwg.mjs loads it */
export async function surveyNode(Class: unknown = WebSocket): Promise<Finding[]> {
  await using stage = await Stage.open()
  return await survey(({ see }) => see(inNode(Class, stage)))
}

/** The claims on the class of a page. @public scripts/whatwg.mjs loads it */
export async function surveyPage(browser: Browser, entry: string): Promise<Finding[]> {
  await using stage = await Stage.open()
  await using page = await Page.of(await bundle(entry))
  const tab = await openTab(browser, page.url, stage)
  return await survey((_, at, index) => seeInTab(tab, at, index))
}

/** How many of the findings are as expected, by section. @public scripts/whatwg.mjs loads it */
export function metBySection(findings: readonly Finding[]): number[] {
  const left = [...findings]
  return sections.map(({ claims }) => left.splice(0, claims.length).filter(({ asExpected }) => asExpected).length)
}
