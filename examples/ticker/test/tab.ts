/** The ticker in a tab, used as a person uses it. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { complaintsOf } from '../../../test/support/complaints.ts'

/** Looked at again and again, with patience for a busy machine. */
export const soon = <T>(what: () => T) => expect.poll(what, { timeout: 15_000, interval: 50 })

export class Tab implements AsyncDisposable {
  readonly page: Page
  /** What the console got, and what was asked of other hosts. */
  readonly complaints: readonly string[]

  private constructor(page: Page, url: string) {
    this.page = page
    this.complaints = complaintsOf(page, url)
  }

  /** Opens it, and waits until there are prices. */
  static async open(browser: Browser, server: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const url = `${server.replace('ws', 'http')}/ticker`
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const tab = new Tab(await context.newPage(), url)
    await tab.page.goto(url)
    await tab.rows.nth(199).waitFor({ state: 'attached' })
    return tab
  }

  get rows(): Locator {
    return this.page.locator('#rows tr')
  }

  /** The symbols in the order in which they stand. */
  symbols(): Promise<string[]> {
    return this.page.locator('#rows .pick b').allTextContents()
  }

  /** What stands in a column, as numbers. */
  async column(className: string): Promise<number[]> {
    const texts = await this.page.locator(`#rows tr${className}`).allTextContents()
    return texts.map(text => (text.includes('▼') ? -1 : 1) * Number.parseFloat(text.replace(/[^\d.]/g, '')))
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText()
  }

  async number(selector: string): Promise<number> {
    return Number.parseFloat((await this.text(selector)).replace(/,/g, ''))
  }

  /** Milliseconds. */
  async age(selector: '#age-half' | '#age-most'): Promise<number> {
    const text = await this.text(selector)
    return Number.parseFloat(text) * (text.endsWith(' ms') ? 1 : text.endsWith(' s') ? 1_000 : 60_000)
  }

  async pace(stop: number): Promise<void> {
    await this.page.getByRole('slider', { name: 'How often this reader wants news' }).fill(String(stop))
  }

  status(word: string): Locator {
    return this.page.locator('#line-word', { hasText: word })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close()
  }
}
