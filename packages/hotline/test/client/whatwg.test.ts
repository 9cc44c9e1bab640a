/** The claims of whatwg.ts, on our class and on Chromium's: each expectation is one that a real browser meets. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page as Tab } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromium, launch } from '../../../../test/support/browser.ts'
import { WebSocket } from '../../src/client/websocket.ts'
import { bundle, Page } from './page.ts'
import { Peer } from './peer.ts'
import { play } from './scenes.ts'
import { claims } from './whatwg.ts'

let peer: Peer
beforeAll(async () => {
  peer = await Peer.listen(play)
})
afterAll(() => peer[Symbol.asyncDispose]())

describe('our class', () => {
  test.each(claims)('$claim', async ({ see, expected }) => {
    expect(await see({ WebSocket, url: peer.url })).toEqual(expected)
  })
})

describe.skipIf(!chromium)("Chromium's class", () => {
  let browser: Browser
  let tab: Tab
  beforeAll(async () => {
    browser = await launch()
    tab = await browser.newPage()
    await using page = await Page.of(await bundle(fileURLToPath(new URL('whatwg.ts', import.meta.url))))
    await tab.goto(page.url)
    await tab.waitForFunction('window.module')
  })
  afterAll(() => browser?.close())

  test.each(claims)('$claim', async ({ claim, expected, chromium }) => {
    const seen = await tab.evaluate(
      `module.claims.find(({ claim }) => claim === ${JSON.stringify(claim)}).see({ WebSocket, url: '${peer.url}' })`,
    )
    expect(seen).toEqual((chromium ?? { expected }).expected)
  })
})
