/** Lines that come and go, in Chromium: nothing is lost, nothing stands twice, and the page says what is true. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serving } from '../../packages/cli/test/support/hotline.ts'
import { chromium, launch } from '../../test/support/browser.ts'
import { Person } from './test/support.ts'

type Serving = Awaited<ReturnType<typeof serving>>

const quick = { timeout: 15_000, interval: 20 }

describe.skipIf(!chromium)('the chat, over lines that come and go', () => {
  let browser: Browser
  let server: Serving
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), serving()])
  })
  afterAll(() => Promise.all([browser.close(), server[Symbol.asyncDispose]()]))

  test('who is there is told, who comes, and who has been gone for a while', async () => {
    await using ada = await Person.enter(browser, server.url, 'Ada', 'coming')
    await using bob = await Person.enter(browser, server.url, 'Bob', 'coming')
    await using eve = await Person.enter(browser, server.url, 'Eve', 'coming')
    await ada.page.getByText('Eve is here').waitFor()
    expect(await ada.page.locator('#people li').allTextContents()).toEqual(
      expect.arrayContaining(['Ada (you)', 'Bob', 'Eve']),
    )
    // A reload is neither a leave nor a join, and the same person comes back to the same room.
    await bob.page.reload()
    await bob.page.locator('#people li', { hasText: 'Bob (you)' }).waitFor()
    await eve.page.close()
    await ada.page.getByText('Eve has left').waitFor()
    expect((await ada.notices()).filter(notice => !notice.startsWith('Bob is here'))).toEqual([
      'Eve is here',
      'Eve has left',
    ])
    expect((await ada.notices()).filter(notice => notice.includes('Bob')).length).toBeLessThanOrEqual(1)
    expect(await ada.page.locator('#people-count').textContent()).toBe('2 people here')
  })

  test('a server that is restarted loses nothing of what is said before, meanwhile and behind, and nothing stands twice', async () => {
    let running = await serving()
    const port = new URL(running.url).port
    try {
      const people = await Promise.all(['Ada', 'Bob'].map(name => Person.enter(browser, running.url, name)))
      const [ada, bob] = people as [Person, Person]
      await ada.say('before')
      await bob.sees('before')
      running.process.kill('SIGTERM')
      expect((await running.ended()).code).toBe(0)
      for (const one of people) await one.status('No connection').waitFor()
      await ada.say('Ada, meanwhile')
      await bob.say('Bob, meanwhile')
      await ada.page.locator('#own', { hasText: 'Waits for the line' }).waitFor()
      running = await serving('--port', port)
      const said = ['before', 'Ada, meanwhile', 'Bob, meanwhile']
      for (const one of people) {
        await expect.poll(async () => (await one.texts()).length, quick).toBe(3)
        expect(new Set(await one.texts())).toEqual(new Set(said))
        await one.page.getByText(/^Back/).waitFor()
        expect(await one.notices()).toContain('The server has started anew: some messages may be missing here.')
      }
      await bob.say('behind')
      for (const one of people) await one.sees('behind')
      const texts = await ada.texts()
      expect(texts).toHaveLength(4)
      expect(await bob.texts()).toEqual(texts)
      for (const one of people) {
        expect(await one.page.locator('#own > *').count()).toBe(0)
        expect((await one.notices()).filter(notice => notice.includes('left'))).toEqual([])
        expect(one.faults).toEqual([])
        await one[Symbol.asyncDispose]()
      }
    } finally {
      await running[Symbol.asyncDispose]()
    }
  })

  test('without a network a message waits, and what others said meanwhile comes and is counted', async () => {
    await using ada = await Person.enter(browser, server.url, 'Ada', 'offline')
    await using bob = await Person.enter(browser, server.url, 'Bob', 'offline')
    await bob.page.context().setOffline(true)
    await bob.say('from nowhere')
    await bob.page.locator('#own', { hasText: 'from nowhere' }).waitFor()
    for (const text of ['one', 'two', 'three']) await ada.say(text)
    await ada.sees('three')
    await bob.status('You are offline').waitFor({ timeout: 20_000 })
    expect(await bob.page.locator('#own .fate').textContent()).toMatch(/^Waits for the line/)
    await bob.page.context().setOffline(false)
    await ada.sees('from nowhere')
    await bob.page.getByText('Back: 3 messages came meanwhile.').waitFor()
    await expect.poll(() => bob.texts(), quick).toEqual(['one', 'two', 'three', 'from nowhere'])
    expect(await ada.texts()).toEqual(['one', 'two', 'three', 'from nowhere'])
  })
})
