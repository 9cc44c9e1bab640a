/** The pages of `hotline serve` are for everybody: axe-core finds no serious fault, in light and in dark. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serving } from '../packages/cli/test/support/hotline.ts'
import { faultsOf } from './support/axe.ts'
import { chromium, launch } from './support/browser.ts'

describe.skipIf(!chromium)('axe-core', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serving>>
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), serving()])
  })
  afterAll(() => Promise.all([browser.close(), server[Symbol.asyncDispose]()]))

  test.each(['/', '/events'])('%s has no serious fault', async path => {
    const page = await browser.newPage()
    await page.goto(server.url.replace('ws', 'http') + path)
    expect(await faultsOf(page)).toEqual([])
  })

  test('a page that cannot be read is found out, with where and why', async () => {
    const page = await browser.newPage()
    await page.goto(server.url.replace('ws', 'http'))
    await page.evaluate(() => {
      const faint = document.querySelector('h1') as HTMLElement
      faint.style.color = 'rgb(128 128 128 / 30%)'
    })
    expect(await faultsOf(page)).toEqual([
      expect.stringMatching(/^light: color-contrast: h1 \(/),
      expect.stringMatching(/^dark: color-contrast: h1 \(/),
    ])
  })
})
