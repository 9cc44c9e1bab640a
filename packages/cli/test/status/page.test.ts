/** The status page in Chromium: by token, live, sorted and searched, one socket inspected, and a server that goes and comes back. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { faultsOf } from '../../../../test/support/axe.ts'
import { chromium, launch } from '../../../../test/support/browser.ts'
import { complaintsOf } from '../../../../test/support/complaints.ts'
import { connect } from '../../../hotline/src/client/index.ts'
import { logged, type Running, serving, untilLogged } from '../support/hotline.ts'

const TOKEN = 'a-token-that-nobody-guesses'

/** Looked at again and again, with patience for a busy machine. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 15_000, interval: 50 })

class Tab implements AsyncDisposable {
  readonly page: Page
  readonly complaints: readonly string[]

  private constructor(page: Page, url: string) {
    this.page = page
    this.complaints = complaintsOf(page, url)
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const tab = new Tab(await context.newPage(), url)
    await tab.page.goto(url)
    return tab
  }

  async enter(token = TOKEN): Promise<void> {
    await this.page.getByLabel('Token').fill(token)
    await this.page.getByRole('button', { name: 'Look' }).click()
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText()
  }

  async number(selector: string): Promise<number> {
    return Number.parseFloat((await this.text(selector)).replace(/,/g, ''))
  }

  names(): Promise<string[]> {
    return this.page.locator('#topics tbody th').allTextContents()
  }

  status(word: string) {
    return this.page.locator('#line-word', { hasText: word })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close()
  }
}

const pageOf = ({ url }: { readonly url: string }): string => `${url.replace('ws', 'http')}/status`

/** Readers and a publisher. */
async function busy(url: string) {
  const lines = Array.from({ length: 3 }, () => connect(`${url}/topics`))
  const names = ['public/apples', 'public/<b>pears</b>', 'public/plums']
  for (const [index, name] of names.entries()) {
    for (const line of lines.slice(index)) {
      const topic = line.topic(name)
      await new Promise(resolve => topic.on('subscribed', resolve))
    }
  }
  const timer = setInterval(() => lines[0]?.publish('public/apples', 'news').catch(() => {}), 20)
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      await Promise.all(lines.map(line => line.close()))
    },
  }
}

describe.skipIf(!chromium)('the status page', { timeout: 60_000 }, () => {
  let browser: Browser
  let server: Running & { readonly url: string }
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), serving('--status-token', TOKEN)])
  })
  afterAll(() => Promise.all([browser.close(), server[Symbol.asyncDispose]()]))

  test('asks for the token, says when it is not right, and keeps the right one for the tab alone', async () => {
    await using tab = await Tab.open(browser, pageOf(server))
    await tab.page.getByText('The one of --status-token').waitFor()
    expect(await tab.page.locator('#board').isVisible()).toBe(false)
    await tab.enter('wrong')
    await tab.page.getByText('This token is not right.').waitFor()
    expect(await tab.page.getByLabel('Token').inputValue()).toBe('')
    await tab.enter()
    await tab.status('Connected').waitFor()
    await tab.page.locator('#board').waitFor()
    await tab.page.reload()
    await tab.status('Connected').waitFor()
    expect([tab.page.url(), await tab.page.evaluate(() => localStorage.length)]).toEqual([pageOf(server), 0])
    await using other = await Tab.open(browser, pageOf(server))
    await other.page.getByText('The one of --status-token').waitFor()
    expect([...tab.complaints, ...other.complaints]).toEqual([])
    // Neither the right one nor the wrong one, in whatever form, stands in what the server wrote.
    expect(server.err.all.join('')).not.toMatch(/that-nobody|dG9rZW4/)
  })

  test('shows the figures live, and empty lists as such', async () => {
    await using tab = await Tab.open(browser, pageOf(server))
    await tab.enter()
    await soon(() => tab.number('#sockets')).toBe(1)
    await tab.page.locator('#topics + .empty', { hasText: 'Nobody is in any topic.' }).waitFor()
    await using _ = await busy(server.url)
    await tab.page.locator('#topics-search').fill('no such topic')
    await tab.page.locator('#topics + .empty', { hasText: 'Nothing is called that.' }).waitFor()
    await soon(() => tab.number('#sockets')).toBe(4)
    await soon(() => tab.number('#received')).toBeGreaterThan(10)
    await soon(() => tab.number('#sent')).toBeGreaterThan(10)
    await soon(() => tab.text('#cpu-more')).toMatch(/^\d+ MiB · loop p99 [\d.]+ m?s/)
    expect(await tab.text('#backplane')).toBe('none')
    expect(await tab.page.locator('.plot canvas').count()).toBe(4)
    expect(tab.complaints).toEqual([])
  })

  test('sorts topics by their heads, which say so, and finds them by a part of their names, as text', async () => {
    await using _ = await busy(server.url)
    await using tab = await Tab.open(browser, pageOf(server))
    await tab.enter()
    const search = tab.page.locator('#topics-search')
    await search.fill('PUBLIC')
    await soon(() => tab.names()).toEqual(
      expect.arrayContaining(['public/apples', 'public/<b>pears</b>', 'public/plums']),
    )
    await soon(async () => (await tab.names())[0]).toBe('public/apples')
    const head = tab.page.getByRole('columnheader', { name: 'Readers' })
    await head.getByRole('button').click()
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    expect(await tab.page.locator('#topics [aria-sort]').count()).toBe(1)
    await head.getByRole('button').click()
    await soon(() => tab.names()).toEqual(['public/plums', 'public/<b>pears</b>', 'public/apples'])
    await search.fill('<b>')
    await soon(() => tab.names()).toEqual(['public/<b>pears</b>'])
    expect(await tab.text('#topics-found')).toMatch(/^1 of \d+$/)
    expect(await tab.page.locator('#topics tbody b').count()).toBe(0)
  })

  test('shows one socket with what is known of it, by keyboard, and says when it has gone', async () => {
    await using tab = await Tab.open(browser, pageOf(server))
    await tab.enter()
    const socket = new WebSocket(`${server.url}/echo?token=secret`, { headers: { 'User-Agent': '<i>a test</i>' } })
    await new Promise(resolve => socket.once('open', resolve))
    await tab.page.locator('#sockets-search').fill('/echo')
    const pick = tab.page.locator('#sockets-table .pick')
    await soon(() => tab.page.locator('#sockets-table tbody td:nth-child(3)').allTextContents()).toEqual(['/echo'])
    await pick.focus()
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('heading', { name: /^Socket \d+$/ }).waitFor()
    await soon(() => tab.text('#sheet')).toMatch(/Route\s+\/echo\s+Address\s+127\.0\.0\.1/)
    expect(await tab.text('#sheet')).toMatch(/Client\s+<i>a test<\/i>/)
    expect(await tab.page.content()).not.toContain('secret')
    expect(await pick.getAttribute('aria-pressed')).toBe('true')
    socket.send('hello')
    await soon(() => tab.text('#sheet')).toMatch(/In\s+1 messages/)
    socket.terminate()
    await tab.page.getByText('It has gone. What stands here was its last.').waitFor()
    await tab.page.locator('#sockets-table + .empty', { hasText: 'Nothing is called that.' }).waitFor()
    expect(tab.complaints).toEqual([])
  })

  test('the row that somebody is about to press stays where it is, whatever the order', async () => {
    await using tab = await Tab.open(browser, pageOf(server))
    await tab.enter()
    const open = async (): Promise<WebSocket> => {
      const socket = new WebSocket(`${server.url}/rooms/pressed`)
      await new Promise(resolve => socket.once('open', resolve))
      return socket
    }
    const [, lower] = [await open(), await open()]
    await tab.page.locator('#sockets-search').fill('/rooms/pressed')
    await tab.page.locator('#sockets-table').getByRole('button', { name: 'In', exact: true }).click()
    const ids = () => tab.page.locator('#sockets-table .pick').allTextContents()
    await soon(async () => (await ids()).length).toBe(2)
    const [first = '', second = ''] = await ids()
    const press = tab.page.locator('#sockets-table .pick').nth(1)
    await press.focus()
    for (let count = 0; count < 3; count++) lower.send('hello')
    await soon(() => tab.page.locator('#sockets-table tbody tr:nth-child(2) td:nth-child(6)').innerText()).toBe('3')
    expect(await ids()).toEqual([first, second])
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('heading', { name: `Socket ${second}` }).waitFor()
    await tab.page.mouse.move(0, 0)
    await tab.page.locator('#sockets-search').focus()
    await soon(ids).toEqual([second, first])
  })

  test('a server that is gone is told, what it said last still stands there, and it goes on when it is back', async () => {
    let running = await serving('--status-token', TOKEN)
    const { port } = new URL(running.url)
    try {
      await using tab = await Tab.open(browser, pageOf(running))
      await tab.enter()
      await soon(() => tab.number('#sockets')).toBe(1)
      running.process.kill('SIGKILL')
      await tab.status('No connection').waitFor()
      await tab.page.getByText(/back in \d s at the latest; what stands here was its last/).waitFor()
      expect(await tab.number('#sockets')).toBe(1)
      expect(await tab.page.locator('#board.is-old').isVisible()).toBe(true)
      await running.ended()
      running = await serving('--status-token', TOKEN, '--port', port)
      await tab.status('Connected').waitFor({ timeout: 15_000 })
      const before = await tab.text('#server-word')
      await soon(() => tab.text('#received')).toMatch(/^[\d.]+$/)
      expect(before).toContain(`process ${running.process.pid} `)
      expect(await tab.page.locator('#board.is-old').count()).toBe(0)
      expect(tab.complaints).toEqual([])
    } finally {
      await running[Symbol.asyncDispose]()
    }
  })

  test('the address in the log opens it at once, and the token does not stay in the address', async () => {
    await using local = await serving()
    const { status } = await untilLogged(local, { msg: 'listening' })
    await using tab = await Tab.open(browser, String(status))
    await tab.status('Connected').waitFor()
    expect(tab.page.url()).toBe(pageOf(local))
    const [, token = ''] = String(status).split('#')
    expect(logged(local).filter(line => line['msg'] !== 'listening' && JSON.stringify(line).includes(token))).toEqual(
      [],
    )
  })

  test('the way to the figures is no token, and the address of the log pasted into an open tab is one', async () => {
    await using local = await serving()
    const { status } = await untilLogged(local, { msg: 'listening' })
    const { hash } = new URL(String(status))
    await using tab = await Tab.open(browser, pageOf(local))
    await tab.enter('wrong')
    await tab.page.getByText('This token is not right.').waitFor()
    await tab.page.evaluate(pasted => location.assign(pasted), hash)
    await tab.status('Connected').waitFor()
    expect(tab.page.url()).toBe(pageOf(local))
    await tab.page.keyboard.press('Home')
    await tab.page.getByRole('link', { name: 'Skip to the figures' }).focus()
    await tab.page.keyboard.press('Enter')
    expect(new URL(tab.page.url()).hash).toBe('#board')
    await tab.page.reload()
    await tab.status('Connected').waitFor()
    await using odd = await Tab.open(browser, `${pageOf(local)}#%E0%A4%A`)
    await odd.page.getByText('This token is not right.').waitFor()
    expect([...tab.complaints, ...odd.complaints]).toEqual([])
  })

  test('of workers it shows all, or by keyboard one; whose process stands still is told', async () => {
    await using crew = await serving('--status-token', TOKEN, '--workers', '2')
    await using _ = await busy(crew.url)
    await using tab = await Tab.open(browser, pageOf(crew))
    await tab.enter()
    const names = tab.page.locator('#workers tbody th')
    await soon(() => names.allTextContents()).toEqual(['All', 'Worker 1', 'Worker 2'])
    await soon(() => tab.number('#sockets')).toBe(4)
    const counts = tab.page.locator('#workers tbody td:nth-child(3)')
    const [all = 0, one = 0, two = 0] = (await counts.allTextContents()).map(Number)
    expect([all, one + two]).toEqual([4, 4])
    await tab.page.getByRole('button', { name: 'Worker 2', exact: true }).focus()
    await tab.page.keyboard.press('Enter')
    expect(await tab.number('#sockets')).toBe(two)
    await soon(() => tab.text('#sockets-found')).toBe(String(two))
    const workers = tab.page.locator('#sockets-table tbody td:nth-child(2)')
    expect(new Set(await workers.allTextContents())).toEqual(new Set(two === 0 ? [] : ['2']))
    await tab.page.getByRole('button', { name: 'All', exact: true }).click()
    await tab.page.locator('#sockets-table .pick').first().click()
    await tab.page.getByRole('heading', { name: /^Socket \d+ of worker [12]$/ }).waitFor()
    // Not that at which the line of the page is.
    const own = Number((/is at worker (\d)/.exec(await tab.text('#server-word')) ?? [])[1])
    const other = logged(crew).find(line => line['msg'] === 'a worker serves' && line['worker'] !== own)
    process.kill(Number(other?.['pid']), 'SIGSTOP')
    try {
      await tab.page.getByText(`1; no answer of worker ${3 - own}`).waitFor()
    } finally {
      process.kill(Number(other?.['pid']), 'SIGCONT')
    }
    await soon(() => tab.text('#workers-found')).toBe('2')
    expect(tab.complaints).toEqual([])
  })

  test.each([360, 1280])('of workers, it has no serious fault at %i pixels, and fits', async width => {
    await using crew = await serving('--status-token', TOKEN, '--workers', '2')
    await using _ = await busy(crew.url)
    await using tab = await Tab.open(browser, pageOf(crew), { viewport: { width, height: 844 } })
    await tab.enter()
    await tab.page.getByRole('button', { name: 'Worker 2', exact: true }).click()
    await tab.page.getByRole('button', { name: 'Worker 1', exact: true }).click()
    await tab.page.locator('#topics tbody tr').first().waitFor()
    expect(await faultsOf(tab.page)).toEqual([])
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  })

  test.each([360, 1280])('has no serious fault at %i pixels, asked for the token or not, and fits', async width => {
    await using _ = await busy(server.url)
    await using tab = await Tab.open(browser, pageOf(server), { viewport: { width, height: 844 } })
    await tab.page.locator('#gate').waitFor()
    expect(await faultsOf(tab.page)).toEqual([])
    await tab.enter()
    await tab.page.locator('#sockets-table .pick').first().click()
    await soon(() => tab.text('#sheet')).toContain('Subprotocol')
    expect(await faultsOf(tab.page)).toEqual([])
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  })
})
