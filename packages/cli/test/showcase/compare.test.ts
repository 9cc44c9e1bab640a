/** The page /compare: figures in the order that the protocols make, a server that is gone, and clients that are no pages. */
import { type ClientSocket, openSocket } from 'hotline/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { faultsOf } from '../../../../test/support/axe.ts'
import { chromium, launch } from '../../../../test/support/browser.ts'
import { within } from '../../../hotline/test/support/deadline.ts'
import { serving } from '../support/hotline.ts'

type Serving = Awaited<ReturnType<typeof serving>>

const LANES = ['polling', 'long-polling', 'sse', 'websocket']

let server: Serving
beforeAll(async () => {
  server = await serving('--quiet')
})
afterAll(() => server[Symbol.asyncDispose]())

const http = (path: string, { url }: Serving = server): string => `${url.replace('ws', 'http')}${path}`

describe.skipIf(!chromium)('in Chromium', () => {
  let browser: Browser
  let page: Page
  let complaints: string[]
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    complaints = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(String(error)))
  })
  afterEach(() => page.close())

  /** A figure of a lane, as a number; units and commas left out. */
  async function figure(lane: string, part: string): Promise<number> {
    const text = await page.locator(`[data-lane=${lane}] [data-part=${part}]`).textContent()
    return Number.parseFloat(text?.replaceAll(',', '') ?? '')
  }

  const figures = (part: string): Promise<number[]> => Promise.all(LANES.map(lane => figure(lane, part)))

  const received = async (): Promise<number> => Math.min(...(await figures('received')))

  const slide = (label: string, step: number): Promise<void> =>
    page.getByLabel(label, { exact: true }).fill(String(step))

  const word = (): Promise<string | null> => page.locator('#line-word').textContent()

  test('four lanes at once: the more is asked for, the more bytes, and polls are late', async () => {
    await page.goto(http('/compare'))
    await slide('Updates', 3) // 2 a second
    await slide('Polls', 0) // each 0.2 s
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(6)
    const bytes = await figures('bytes')
    expect(bytes).toEqual(bytes.toSorted((a, b) => b - a))
    expect(bytes[3]).toBeLessThan(60)
    expect(bytes[1]).toBeGreaterThan(400)
    const [polls = 0, waits = 0, ...pushes] = await figures('requests')
    expect(polls).toBeGreaterThan(waits)
    expect(pushes).toEqual([0, 0])
    expect(await figure('polling', 'p50')).toBeGreaterThan(await figure('websocket', 'p50'))
    expect(await figures('missed')).toEqual([0, 0, 0, 0])
    await expect
      .poll(() => page.locator('#verdict-title').textContent())
      .toMatch(/^(Updates are rarer than polls|WebSocket leads)/)
    expect(await page.locator('#crowd tr').count()).toBe(4)
    expect(await page.locator('#crowd').textContent()).toMatch(/[km]bit\/s/i)
    expect(complaints).toEqual([])
  })

  test('polling gets its due: many updates share one answer', async () => {
    await page.goto(http('/compare'))
    await expect.poll(word).toBe('Measuring')
    await slide('Updates', 7) // 50 a second
    await slide('Polls', 1) // each 0.5 s
    await expect.poll(() => page.locator('#verdict-title').textContent(), { timeout: 15_000 }).toMatch(/^Polling/)
    expect(await page.locator('#verdict-text').textContent()).toMatch(/A poll brings 25 updates at once/)
    expect(await figure('polling', 'bytes')).toBeLessThan(await figure('long-polling', 'bytes'))
  })

  test('a server that is gone is told, and when it is back it goes on', { timeout: 30_000 }, async () => {
    const first = await serving('--quiet')
    const port = new URL(first.url).port
    await page.goto(http('/compare', first))
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(0)
    await first[Symbol.asyncDispose]()
    await expect.poll(word, { timeout: 10_000 }).toBe('The server is gone. It is tried again.')
    expect(await page.locator('[data-lane=polling] [data-part=state]').textContent()).toBe('Stands still.')
    await using _second = await serving('--quiet', '--port', port)
    await expect.poll(word, { timeout: 15_000 }).toBe('Measuring')
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(1)
    expect(await figures('missed')).toEqual([0, 0, 0, 0])
    expect(await page.locator('[data-part=state]').allTextContents()).toEqual(['', '', '', ''])
  })

  test('axe-core finds no serious fault, in light and in dark; a phone need not scroll sideways', async () => {
    await page.goto(http('/compare'))
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(0)
    await page.locator('summary').click()
    expect(await page.locator('footer pre').textContent()).toContain('export function wait(feed: Feed')
    expect(await faultsOf(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    expect(complaints).toEqual([])
  })

  test('sliders work by the keyboard, and say their value', async () => {
    await page.goto(http('/compare'))
    await page.getByLabel('Polls').focus()
    await page.keyboard.press('End')
    expect(await page.getByLabel('Polls').getAttribute('aria-valuetext')).toBe('one each 30 s')
    await page.getByLabel('Computed for').focus()
    await page.keyboard.press('Home')
    await expect.poll(() => page.locator('#crowd-title').textContent()).toBe('For 1 client')
  })
})

describe('a client that is no page', () => {
  /** A page's line, the first thing that it hears, and what it hears later. */
  async function visit(): Promise<{ line: ClientSocket; id: string; hear: () => Promise<Record<string, unknown>> }> {
    const line = await openSocket(`${server.url}/compare/figures`)
    const words = line[Symbol.asyncIterator]()
    const hear = async () => JSON.parse(String((await words.next()).value))
    const { visit: id } = await hear()
    return { line, id, hear }
  }

  test.each(['/compare/poll', '/compare/wait?visit=', '/compare/events?visit=0&after=0', '/compare/poll?visit=%'])(
    '%s is refused: nobody is there by that name',
    async path => {
      const response = await fetch(http(path))
      expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('load it again')])
    },
  )

  test.each(['-1', '1.5', 'x', 'NaN', '1e400', '9007199254740993'])(
    'after=%s is no number of an update',
    async after => {
      await using line = (await visit()).line
      const { id } = await visit()
      const response = await fetch(http(`/compare/poll?visit=${id}&after=${after}`))
      expect([response.status, await response.text()]).toEqual([400, 'after must be the number of an update\n'])
      expect(line.state).toBe('open')
    },
  )

  test.each(['{"rate":51}', '{"rate":0}', '{"rate":null}', '{"rate":"1"}', 'junk', '[]', 'null', '{"rate":1e999}'])(
    '%s is answered with what may be said',
    async said => {
      const { line, hear } = await visit()
      await line.send(said)
      let word = await hear()
      while ('published' in word) word = await hear()
      expect(word).toEqual({ wrong: 'rate must be updates a second from 0.2 to 50' })
      line.terminate()
    },
  )

  test('one page has so many lines and streams, and no more; they end with it', async () => {
    const { line, id } = await visit()
    const streams = await Promise.all([1, 2, 3].map(() => fetch(http(`/compare/events?visit=${id}`))))
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await fetch(http(`/compare/events?visit=${id}`))).status).toBe(429)
    const lines = await Promise.all([1, 2, 3].map(() => openSocket(`${server.url}/compare?visit=${id}`)))
    await expect(openSocket(`${server.url}/compare?visit=${id}`)).rejects.toThrow(/429/)
    line.terminate()
    await Promise.all(streams.map(stream => expect(stream.text()).rejects.toThrow()))
    await Promise.all(lines.map(one => one.closed))
    await expect.poll(async () => (await fetch(http(`/compare/poll?visit=${id}`))).status).toBe(404)
  })

  test('a hundred pages compare at a time, and the next one is told why it does not', async () => {
    const lines = await Promise.all(Array.from({ length: 110 }, () => openSocket(`${server.url}/compare/figures`)))
    const refused = lines.slice(100).map(({ closed }) => closed)
    for (const { code, reason } of await within('what the last ones hear', Promise.all(refused)))
      expect([code, reason]).toEqual([4503, 'too many pages compare at the moment'])
    for (const line of lines) line.terminate()
    await expect.poll(() => visit().then(({ line }) => line.terminate())).toBeUndefined()
  })
})
