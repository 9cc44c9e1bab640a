/** The page of `--html` in Chromium: what it shows, how it is used, and that nothing of a peer is more than text. */

import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromium, launch } from '../../../../../test/support/browser.ts'
import { families } from '../../../src/verify/cases.ts'
import { reportOf } from '../../../src/verify/report/report.ts'
import { file } from '../../support/files.ts'
import { resultWith } from '../../support/verdicts.ts'

// The page has the built script in it.
const built = new URL('../../../dist/verify/report/html.js', import.meta.url)
const { page } = (await import(built.href)) as typeof import('../../../src/verify/report/html.ts')

const NASTY = '<script>document.title="taken"</script><img src=x onerror=\'document.title="taken"\'></script>'

const report = reportOf('server', `ws://peer/?${NASTY}`, [
  resultWith({ id: '1.1.1', title: 'an empty message' }),
  resultWith({ id: '1.1.2', title: 'a byte', verdict: 'lenient', notes: ['dropped'] }),
  resultWith({
    id: '7.1.1',
    title: 'a Close frame',
    verdict: 'strict-fail',
    clause: 'RFC 6455 §5.5.1',
    ending: 'silence',
    notes: [`it said ${NASTY}`],
    exchange: [
      { from: 'suite', at: 1, words: 'Close 1000', hex: '880203e8', size: 4 },
      { from: 'peer', at: 2, words: NASTY, hex: Buffer.from('<script>').toString('hex'), size: 600 },
    ],
    omitted: 7,
  }),
])

describe.skipIf(!chromium)('the page of a report', () => {
  let browser: Browser
  beforeAll(async () => void (browser = await launch()))
  afterAll(() => browser?.close())

  const open = async (hash = ''): Promise<Page> => {
    const opened = await browser.newPage({ viewport: { width: 390, height: 844 } })
    opened.on('pageerror', error => expect.fail(`the page threw ${error}`))
    opened.on('console', message => expect.fail(`the page said ${message.text()}`))
    await opened.goto(pathToFileURL(file('report.html', page(report, families))).href + hash)
    await opened.locator('#shown', { hasText: 'cases' }).waitFor()
    return opened
  }
  const seen = (opened: Page): Promise<string[]> => opened.locator('.case:visible .id').allTextContents()

  test('families with a case that failed are open, the others are not', async () => {
    const opened = await open()
    expect(await seen(opened)).toEqual(['7.1.1'])
    expect(await opened.locator('.family:visible .counts').allTextContents()).toEqual(['1 lenient, 1 pass', '1 fail'])
  })

  test('cases are found by verdict, and by words of their title, clause or notes', async () => {
    const opened = await open()
    await opened.getByRole('button', { name: /^lenient/ }).click()
    expect(await seen(opened)).toEqual(['1.1.2'])
    expect(await opened.locator('#shown').textContent()).toBe('1 of 3 cases')
    await opened.getByRole('button', { name: /^lenient/ }).click()
    await opened.keyboard.press('/')
    await opened.keyboard.type('message 1.1')
    expect(await seen(opened)).toEqual(['1.1.1'])
    await opened.keyboard.press('Escape')
    expect(await opened.locator('#shown').textContent()).toBe('3 cases')
  })

  test('by keys one goes from case to case and opens one, with its bytes in hex and in words', async () => {
    const opened = await open()
    await opened.keyboard.press('j')
    await opened.keyboard.press('Enter')
    const body = opened.locator('#case-7\\.1\\.1 .body')
    await body.waitFor()
    expect(await body.locator('pre').first().textContent()).toMatch(/^88 02 03 e8 +····$/)
    expect(await body.locator('pre').last().textContent()).toMatch(/^3c 73 .*<script>\n…$/)
    expect(await body.locator('.more').textContent()).toBe('and 7 more')
    expect(await body.textContent()).toContain('RFC 6455 §5.5.1. The end: silence')
  })

  test('a link leads to a case', async () => {
    const opened = await open('#case-1.1.2')
    await opened.locator('#case-1\\.1\\.2 .body').waitFor()
  })

  test('what a peer sent is only text, and is not wider than a phone', async () => {
    const opened = await open('#case-7.1.1')
    await opened.locator('#case-7\\.1\\.1 .body').waitFor()
    expect(await opened.locator('.notes').textContent()).toBe(`it said ${NASTY}`)
    expect(await opened.locator('h1').textContent()).toBe(`ws://peer/?${NASTY}`)
    expect(await opened.title()).toContain('hotline verify')
    expect(await opened.locator('img').count()).toBe(0)
    expect(await opened.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })

  test('it loads nothing, and runs nothing but its own script', async () => {
    const opened = await browser.newPage()
    const refused: (string | undefined)[] = []
    opened.on('requestfailed', request => refused.push(request.failure()?.errorText))
    const added = '<script>document.title="taken"</script><img src="http://127.0.0.1:1/"></body>'
    const path = file(
      'added.html',
      page(report, families).replace('</body>', () => added),
    )
    await opened.goto(pathToFileURL(path).href)
    await opened.locator('#shown', { hasText: 'cases' }).waitFor()
    expect(await opened.title()).toContain('hotline verify')
    expect(refused).toEqual(['csp'])
  })
})

test('a page of a thousand cases is smaller than 300 kB', () => {
  const entry = { from: 'peer', at: 1, words: 'text, 5 bytes', hex: '8105'.repeat(30), size: 60 } as const
  const results = Array.from({ length: 1000 }, (_, index) =>
    resultWith({ id: `6.1.${index + 1}`, exchange: Array(10).fill(entry) }),
  )
  expect(page(reportOf('client', 'peer', results), families).length).toBeLessThan(300_000)
})
