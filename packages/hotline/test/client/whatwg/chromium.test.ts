/** The claims of the standard on Chromium's class in a page: each expectation is one that a real browser meets. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page as Tab } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { chromium, launch } from '../../../../../test/support/browser.ts'
import { bundle, Page } from '../page.ts'
import { sections } from './claims.ts'
import { openTab, Stage, seeInTab } from './engines.ts'
import { expectEither } from './expect.ts'

describe.skipIf(!chromium)("Chromium's class", () => {
  let stage: Stage
  let browser: Browser
  let tab: Tab
  beforeAll(async () => {
    stage = await Stage.open()
    browser = await launch()
    await using page = await Page.of(await bundle(fileURLToPath(new URL('claims.ts', import.meta.url))))
    tab = await openTab(browser, page.url, stage)
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.[Symbol.asyncDispose]()
  })

  describe.each(sections.map((section, at) => ({ ...section, at })))('$title', ({ claims, at }) => {
    test.each(claims.map((claim, i) => ({ ...claim, i })))('$claim', async ({ i, expected, chromium }) => {
      expectEither(await seeInTab(tab, at, i), expected, chromium)
    })
  })
})
