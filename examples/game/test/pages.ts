/** The game's page as a person uses it. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Picture } from '../page/draw.ts'

/** What a test asks of what is drawn. */
interface Looked {
  readonly x: number
  readonly y: number
  readonly fx: number
  readonly ships: number
}

/** Looked at again and again, with patience for a busy machine. */
export const soon = <T>(what: () => T) => expect.poll(what, { timeout: 10_000 })

export class GamePage {
  readonly page: Page
  /** What the console got, and what was asked of other hosts. */
  readonly complaints: string[] = []

  private constructor(page: Page, url: string) {
    this.page = page
    page.on('console', message => this.complaints.push(message.text()))
    page.on('pageerror', error => this.complaints.push(String(error)))
    page.on('request', request => {
      if (new URL(request.url()).host !== new URL(url).host) this.complaints.push(request.url())
    })
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<GamePage> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options })
    const game = new GamePage(await context.newPage(), url)
    await game.page.goto(url)
    return game
  }

  async join(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name)
    await this.page.getByLabel('Your name').press('Enter')
  }

  async playing(): Promise<void> {
    await this.page.locator('#stage[data-phase="playing"]').waitFor()
    await this.page.locator('#ranking li').first().waitFor()
  }

  /** What stands under one of the figures, once it is there. */
  async figure(name: string): Promise<string> {
    const value = this.page.locator('.figures div', { hasText: name }).locator('dd')
    await soon(() => value.textContent()).not.toBe('–')
    return (await value.textContent()) ?? ''
  }

  async number(name: string): Promise<number> {
    return Number.parseFloat(await this.figure(name))
  }

  /** A word in the middle of the arena. */
  told(text: string): Locator {
    return this.page.locator('#notice', { hasText: text })
  }

  /** A ship as it is drawn in the next frame, by its name. */
  look(name: string): Promise<Looked> {
    return this.page.evaluate(
      wanted =>
        new Promise<Looked>(resolve => {
          const canvas = document.querySelector('#canvas')!
          const drawn = (event: Event): void => {
            const { ships, nameOf } = (event as CustomEvent<Picture>).detail
            const ship = ships.find(({ id }) => nameOf(id) === wanted)
            if (ship === undefined) return
            canvas.removeEventListener('drawn', drawn)
            resolve({ x: ship.x, y: ship.y, fx: ship.fx, ships: ships.length })
          }
          canvas.addEventListener('drawn', drawn)
        }),
      name,
    )
  }

  /** Begins to watch for this ship to be drawn on its way there. What it returns tells when that was, by the machine's clock. */
  moving(name: string, way: 1 | -1): Promise<() => Promise<number>> {
    return this.#armed(
      ([wanted, sign]) => {
        const canvas = document.querySelector('#canvas')!
        let least = Number.POSITIVE_INFINITY
        const when = new Promise<number>(resolve => {
          const drawn = (event: Event): void => {
            const { ships, nameOf } = (event as CustomEvent<Picture>).detail
            const ship = ships.find(({ id }) => nameOf(id) === wanted)
            if (ship === undefined) return
            least = Math.min(least, sign * ship.x)
            if (sign * ship.x < least + 0.2) return
            canvas.removeEventListener('drawn', drawn)
            resolve(Date.now())
          }
          canvas.addEventListener('drawn', drawn)
        })
        return { when }
      },
      [name, way] as const,
    )
  }

  /** Begins to wait for a key. What it returns tells when that was, by the machine's clock. */
  pressing(): Promise<() => Promise<number>> {
    return this.#armed(() => {
      const when = new Promise<number>(resolve => {
        addEventListener('keydown', () => resolve(Date.now()), { once: true, capture: true })
      })
      return { when }
    }, undefined)
  }

  /** The page listens when this is fulfilled, and not only some time later. */
  async #armed<A>(arm: (argument: A) => { when: Promise<number> }, argument: A): Promise<() => Promise<number>> {
    // Playwright types the argument as what it can send; so are these.
    const armed = await this.page.evaluateHandle(arm as (argument: unknown) => { when: Promise<number> }, argument)
    return () => armed.evaluate(({ when }) => when)
  }

  /** Waits until this ship stands still, nearly. */
  async still(name: string): Promise<void> {
    let before = await this.look(name)
    const moved = async (): Promise<number> => {
      const now = await this.look(name)
      const far = Math.hypot(now.x - before.x, now.y - before.y)
      before = now
      return far
    }
    await soon(moved).toBeLessThan(0.3)
  }

  async close(): Promise<void> {
    await this.page.context().close()
  }
}
