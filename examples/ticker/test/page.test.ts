/** The ticker in Chromium: fresh under throttle, in order, by keyboard, and with a server that goes and comes back. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serving } from '../../../packages/cli/test/support/hotline.ts'
import { faultsOf } from '../../../test/support/axe.ts'
import { chromium, launch } from '../../../test/support/browser.ts'
import { soon, Tab } from './tab.ts'

/** What a busy machine adds to an age, beside the 200 ms in which each stock has its turn. */
const MARGIN = 1_500

describe.skipIf(!chromium)('the ticker', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serving>>
  /** Used by one after the other, as it stands: to open one takes longer than to look at it. */
  let tab: Tab
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), serving()])
    tab = await Tab.open(browser, server.url)
  })
  afterAll(async () => {
    expect(tab.complaints).toEqual([])
    await Promise.all([browser.close(), server[Symbol.asyncDispose]()])
  })

  test('a reader that wants all is passed over nothing; one that wants less has fresh data, and what it does not get is counted', async () => {
    await soon(() => tab.number('#received')).toBeGreaterThan(500)
    await soon(() => tab.age('#age-most')).toBeLessThan(200 + MARGIN)
    // Or nearly nothing, where the machine could not keep up.
    expect(await tab.number('#passing')).toBeLessThan(250)
    await tab.pace(4)
    expect(await tab.text('#pace-word')).toBe('every 1 s')
    await soon(() => tab.number('#received')).toBeLessThan(350)
    await soon(() => tab.number('#passing')).toBeGreaterThan(400)
    let passed = await tab.number('#passed')
    for (const _ of [1, 2, 3]) {
      await soon(() => tab.number('#passed')).toBeGreaterThan(passed)
      passed = await tab.number('#passed')
      const [half, most] = [await tab.age('#age-half'), await tab.age('#age-most')]
      expect(most).toBeLessThan(1_000 + 200 + MARGIN)
      expect(half).toBeLessThan(most)
      console.log(`news every second: ${half} ms old at p50, ${most} ms at p99; ${passed} passed over`)
    }
  })

  test('columns are sorted by their heads, which say so, and a filter finds names and symbols', async () => {
    const symbols = await tab.symbols()
    expect(symbols).toHaveLength(200)
    expect(symbols).toEqual(symbols.toSorted())
    const head = tab.page.getByRole('columnheader', { name: 'Price' })
    await head.getByRole('button').click()
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    expect(await tab.page.locator('[aria-sort]').count()).toBe(1)
    const [dearest] = await tab.symbols()
    await head.getByRole('button').click()
    expect(await head.getAttribute('aria-sort')).toBe('ascending')
    const prices = await tab.column(' .price')
    expect(prices[0]).toBeLessThan((prices[199] ?? 0) / 10)
    expect((await tab.symbols()).slice(-8)).toContain(dearest)
    const filter = tab.page.getByRole('searchbox', { name: 'Symbol or name' })
    await filter.fill('tern b')
    expect(await tab.symbols()).toEqual(['TERB'])
    expect(await tab.text('#found')).toBe('1 of 200')
    await filter.fill('<b>nobody'.padEnd(10_000, 'x'))
    expect(await tab.text('#found')).toBe('None is called that.')
    await filter.fill('')
    expect(await tab.symbols()).toHaveLength(200)
  })

  test('by keyboard one goes through the stocks, and shows one large with its book', async () => {
    await tab.page.getByRole('columnheader', { name: 'Stock' }).getByRole('button').click()
    await tab.page.getByRole('columnheader', { name: 'Volume' }).getByRole('button').focus()
    await tab.page.keyboard.press('Tab')
    for (const key of ['ArrowDown', 'End', 'ArrowUp', 'Home', 'ArrowDown', 'ArrowDown'])
      await tab.page.keyboard.press(key)
    expect(await tab.page.evaluate(() => document.activeElement?.textContent)).toBe('ALDC Alder Chemicals')
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('heading', { name: 'ALDC Alder Chemicals' }).waitFor()
    expect(await tab.page.locator('[aria-pressed="true"]').innerText()).toMatch(/^ALDC/)
    expect(await tab.text('#told')).toMatch(/^ALDC, Alder Chemicals: [\d.,]+, [▲▼▬]/)
    const [price] = await tab.column('[data-symbol="ALDC"] .price')
    const bid = () => tab.number('#book tr:first-child .bid')
    const ask = () => tab.number('#book tr:first-child .ask')
    await soon(bid).toBeGreaterThan((price ?? 0) * 0.9)
    expect(await ask()).toBeLessThan((price ?? 0) * 1.1)
    const first = await tab.text('#book')
    await soon(() => tab.text('#book')).not.toBe(first)
    // Only what is asked for is told to who listens, not each price.
    const spoken = await tab.page.locator('[role="status"], [aria-live]').evaluateAll(all => all.map(one => one.id))
    expect(spoken).toEqual(['line-word', 'found', 'told'])
  })

  test('a server that is gone is told, what it said last still stands there, and it goes on when it is back', async () => {
    let running = await serving()
    const port = new URL(running.url).port
    try {
      await using tab = await Tab.open(browser, running.url)
      await tab.pace(4)
      await tab.rows.nth(4).click()
      running.process.kill('SIGKILL')
      await tab.status('No connection').waitFor()
      await tab.page.getByText(/back in \d s at the latest; the prices are as they were/).waitFor()
      expect(await tab.number('#chosen-price')).toBeGreaterThan(0)
      await soon(() => tab.age('#age-most')).toBeGreaterThan(1_000)
      await running.ended()
      running = await serving('--port', port)
      await tab.status('Connected').waitFor()
      await tab.page.getByText(/^after .*: all prices were read anew$/).waitFor()
      await soon(() => tab.number('#received')).toBeGreaterThan(100)
      await soon(() => tab.age('#age-most')).toBeLessThan(1_000 + 200 + MARGIN)
      // The pace is the one that was asked for, and so is the stock.
      await soon(() => tab.number('#passing')).toBeGreaterThan(50)
      expect(await tab.text('#chosen-symbol')).toBe('ALDE')
      expect(await tab.symbols()).toHaveLength(200)
      expect(tab.complaints).toEqual([])
    } finally {
      await running[Symbol.asyncDispose]()
    }
  })

  test('has no serious fault of accessibility, in light and in dark, where prices flash too', async () => {
    const stopped = () =>
      tab.page.evaluate(() => {
        const flashes = document
          .getAnimations()
          .filter(({ effect }) => (effect as KeyframeEffect).target?.matches('.price') === true)
        for (const flash of flashes) {
          flash.pause()
          flash.currentTime = 0
        }
        return flashes.length
      })
    await soon(stopped).toBeGreaterThan(2)
    expect(await faultsOf(tab.page)).toEqual([])
    await tab.page.evaluate(() => {
      for (const animation of document.getAnimations()) animation.cancel()
    })
  })

  test('on a phone it fits, with fewer columns; with reduced motion nothing flashes', async () => {
    const { page } = tab
    await page.setViewportSize({ width: 390, height: 844 })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    expect(await page.locator('#rows tr:first-child .wide').isVisible()).toBe(false)
    const price = await tab.text('#rows tr:first-child .price')
    await soon(() => tab.text('#rows tr:first-child .price')).not.toBe(price)
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    await tab.rows.nth(5).click()
    expect(await tab.text('#chosen-symbol')).toBe('ALDF')
    await page.emulateMedia({ reducedMotion: null })
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  test('without a network it says so; a slow reader reads slowly, and what it has no time for is passed over', async () => {
    const { page } = tab
    await page.context().setOffline(true)
    // The browser keeps a line that is open; a slow reader opens another one.
    await page.getByText('Slow reader').click()
    await tab.status('You are offline').waitFor()
    await page.context().setOffline(false)
    await tab.status('Connected').waitFor()
    await page.getByText(/^Only 250 messages a second now/).waitFor()
    await tab.pace(0)
    const passed = await tab.number('#passed')
    await soon(() => tab.number('#passed')).toBeGreaterThan(passed + 300)
    expect(await tab.number('#received')).toBeLessThan(350)
    expect(await tab.age('#age-most')).toBeLessThan(15_000)
  })
})
