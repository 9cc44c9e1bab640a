/** The chat in Chromium, by two people: nothing is lost, nothing stands twice, and what goes wrong is said. */
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serving } from '../../packages/cli/test/support/hotline.ts'
import { faultsOf } from '../../test/support/axe.ts'
import { chromium, launch } from '../../test/support/browser.ts'
import { Person, picture, pixelsOf } from './test/support.ts'

type Serving = Awaited<ReturnType<typeof serving>>

const quick = { timeout: 15_000, interval: 20 }

describe.skipIf(!chromium)('the chat', () => {
  let browser: Browser
  let window: BrowserContext
  let server: Serving
  let ada: Person
  let bob: Person
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), serving()])
    // Two tabs of one window: a second tab is a second person.
    window = await browser.newContext()
    ada = await Person.enter(window, server.url, 'Ada')
    bob = await Person.enter(window, server.url, 'Bob')
  })
  afterAll(() => Promise.all([browser.close(), server[Symbol.asyncDispose]()]))
  afterEach(() => expect([...ada.faults, ...bob.faults]).toEqual([]))

  /** Both go to a room of their own. */
  async function meet(room: string): Promise<void> {
    await Promise.all([ada.go(room), bob.go(room)])
    for (const { page } of [ada, bob]) await page.getByText('2 people here').waitFor()
  }

  test('what one says both see once, with who said it, and who comes later sees it too', async () => {
    await meet('said')
    await ada.say('hello Bob')
    await bob.sees('hello Bob')
    await bob.say('hello Ada\nhow are you?')
    await ada.sees('hello Ada\nhow are you?')
    for (const one of [ada, bob]) expect(await one.texts()).toEqual(['hello Bob', 'hello Ada\nhow are you?'])
    expect(await bob.page.locator('.message .who').allTextContents()).toEqual(['Ada', 'Bob'])
    expect(await bob.page.locator('.message.mine .text').allTextContents()).toEqual(['hello Ada\nhow are you?'])
    await using eve = await Person.enter(window, server.url, 'Eve', 'said')
    await expect.poll(() => eve.texts(), quick).toEqual(['hello Bob', 'hello Ada\nhow are you?'])
  })

  test('that somebody types is told, and over when it is said', async () => {
    await meet('typing')
    await bob.composer.pressSequentially('wait')
    await ada.page.getByText('Bob is typing…').waitFor()
    await bob.page.keyboard.press('Enter')
    await ada.sees('wait')
    expect(await ada.page.locator('#typing').textContent()).toBe('')
  })

  test('a picture goes in pieces that are counted, and the other sees the same bytes', async () => {
    await meet('pictures')
    const bytes = picture(240, 160)
    await ada.page.evaluate(() => {
      const seen: number[] = Object.assign(globalThis, { seen: [] as number[] }).seen
      const look = (): void => {
        for (const { value } of document.querySelectorAll('#own progress') as NodeListOf<HTMLProgressElement>) {
          if (seen.at(-1) !== value) seen.push(value)
        }
      }
      const what = { subtree: true, childList: true, attributes: true }
      new MutationObserver(look).observe(document.querySelector('#own') as HTMLElement, what)
    })
    await ada.page.locator('#file').setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer: bytes })
    const image = bob.page.getByRole('img', { name: 'Picture from Ada: noise.png' })
    await image.waitFor()
    const own = ada.page.getByRole('img', { name: 'Picture from Ada: noise.png' })
    expect(await pixelsOf(image)).toBe(await pixelsOf(own))
    const seen = await ada.page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen)
    expect(seen.filter(part => part > 0 && part < 1).length).toBeGreaterThan(1)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(await ada.page.locator('#own > *').count()).toBe(0)
  })

  test.each(['paste', 'drop'] as const)('a picture by %s is one', async kind => {
    await meet(kind)
    const target = kind === 'paste' ? ada.composer : ada.page.locator('#said')
    await target.evaluate(
      (element, [type, bytes]) => {
        const data = new DataTransfer()
        data.items.add(new File([Uint8Array.from(bytes as number[])], 'dot.png', { type: 'image/png' }))
        const init = { bubbles: true, cancelable: true }
        const event =
          type === 'paste'
            ? new ClipboardEvent('paste', { ...init, clipboardData: data })
            : new DragEvent('drop', { ...init, dataTransfer: data })
        element.dispatchEvent(event)
      },
      [kind, [...picture(4, 4)]] as const,
    )
    await bob.page.getByRole('img', { name: 'Picture from Ada: dot.png' }).waitFor()
  })

  test('what is behind is counted for one who reads what was before, and is a press away', async () => {
    await meet('unread')
    await ada.say('one\n'.repeat(60))
    await expect.poll(async () => (await bob.texts()).length, quick).toBe(1)
    await bob.page.locator('#log').evaluate(log => log.scrollTo({ top: 0 }))
    await ada.say('two')
    await bob.page.getByRole('button', { name: '1 new message' }).waitFor()
    expect(await bob.page.title()).toMatch(/^\(1\) unread/)
    expect(await bob.page.locator('.first-new .text').textContent()).toBe('two')
    await bob.page.getByRole('button', { name: '1 new message' }).click()
    await bob.page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'hidden' })
    expect(await bob.page.title()).toMatch(/^unread/)
  })

  test('another room has its own people and messages, and the busy ones are listed', async () => {
    await meet('here')
    await ada.say('only here')
    await bob.sees('only here')
    await bob.page.getByLabel('Another room').fill('  There ')
    await bob.press('Go')
    await bob.page.getByText('1 person here').waitFor()
    expect(await bob.page.locator('#room-name').textContent()).toBe('there')
    expect(await bob.texts()).toEqual([])
    await ada.page.getByRole('button', { name: /^there/ }).click()
    await ada.say('and there')
    await bob.sees('and there')
    expect(await bob.texts()).toEqual(['and there'])
  })

  describe('what goes wrong', () => {
    test('a name or a room that is none is refused with a word, and one that is one is taken then', async () => {
      await using eve = await Person.come(window, server.url)
      for (const [name, room, word] of [
        ['x'.repeat(10_000), 'lobby', 'A name has at most 40 characters.'],
        ['\u200b', 'lobby', 'A name needs a letter, or another sign that can be seen.'],
        ['Eve\u202etxt', 'lobby', 'A name has no characters that cannot be seen.'],
        ['Eve', 'x'.repeat(41), 'The name of a room has at most 40 characters.'],
        ['Eve', '../etc/*', 'The name of a room is made of letters and digits'],
      ] as const) {
        await eve.enter(name, room)
        await eve.page.locator('#entry-note', { hasText: word }).waitFor()
        expect(await eve.page.locator('[aria-invalid="true"]').count()).toBe(1)
      }
      await eve.enter('Eve', 'somewhere')
      await eve.page.locator('#chat').waitFor()
      expect(eve.faults).toEqual([])
    })

    test('markup in a name and in a text is text', async () => {
      const name = '<img src=x onerror=alert(1)>'
      const text = '<script>alert(1)</script> javascript:alert(1) http://a.example/"onclick=alert(1)'
      await ada.go('markup')
      await using eve = await Person.enter(window, server.url, name, 'markup')
      const dialogs: string[] = []
      for (const { page } of [eve, ada]) page.on('dialog', dialog => dialogs.push(dialog.message()) && dialog.dismiss())
      await eve.say(text)
      await expect.poll(() => ada.texts(), quick).toEqual([text])
      expect(await ada.page.locator('.message .who').textContent()).toBe(name)
      expect(await ada.page.locator('#said script, #said img, [onerror], [onclick]').count()).toBe(0)
      expect(await ada.page.locator('#said a').evaluateAll(links => links.map(link => link.outerHTML))).toEqual([
        '<a href="http://a.example/" target="_blank" rel="noopener noreferrer nofollow">http://a.example/</a>',
      ])
      expect([dialogs, eve.faults]).toEqual([[], []])
    })

    test('a message above the limit stays where it is, and one that is short enough goes', async () => {
      await meet('limits')
      await ada.say('x'.repeat(2_001))
      await ada.page.getByText('A message has at most 2000 characters: this one has 1 too many.').waitFor()
      expect([await ada.composer.inputValue(), await bob.texts()]).toEqual(['x'.repeat(2_001), []])
      await ada.say('x'.repeat(2_000))
      await expect.poll(() => bob.texts(), quick).toEqual(['x'.repeat(2_000)])
    })

    test.each([
      ['a big one', Buffer.concat([picture(1, 1), Buffer.alloc(4_194_304)]), 'A picture may have 4.0 MiB.'],
      ['one that is none', Buffer.from('<svg onload="alert(1)"/>'), 'no picture that browsers show'],
      ['one that is broken', picture(9, 9).subarray(0, 40), 'no picture that browsers show'],
    ])('of pictures, %s is not sent', async (what, buffer, word) => {
      await ada.go(what)
      await ada.page.locator('#file').setInputFiles({ name: 'it.png', mimeType: 'image/png', buffer })
      await ada.page.locator('#composer-note', { hasText: word }).waitFor()
      expect(await ada.page.locator('.message').count()).toBe(0)
    })

    test('what waits stays with its room, and is not given up unasked', async () => {
      await using eve = await Person.enter(browser, server.url, 'Eve', 'behind')
      await eve.page.context().setOffline(true)
      await eve.say('from nowhere')
      await eve.page.getByLabel('Another room').fill('elsewhere')
      await eve.press('Go')
      await eve.page.getByText('1 message waits in behind until you are back there.').waitFor()
      expect(await eve.page.locator('#own > *').count()).toBe(0)
      await eve.page.getByLabel('Another room').fill('behind')
      await eve.press('Go')
      await eve.page.locator('#own', { hasText: 'from nowhere' }).waitFor()
      await eve.press('Leave')
      await eve.page.getByText('1 message waits: press Leave again to give up on that.').waitFor()
      await ada.go('behind')
      await eve.page.context().setOffline(false)
      await ada.sees('from nowhere')
      await eve.sees('from nowhere')
      expect((await eve.notices()).filter(notice => notice.startsWith('Back'))).toEqual([])
      await eve.press('Leave')
      await eve.page.locator('#entry').waitFor()
      expect(eve.faults).toEqual([])
    })

    test('somebody who writes very fast is held back, and all of it comes', async () => {
      await meet('fast')
      const texts = Array.from({ length: 25 }, (_, at) => `message ${at}`)
      for (const text of texts) await ada.say(text)
      await expect.poll(() => bob.texts(), quick).toEqual(texts)
    })

    test('a long log keeps its newest messages only', async () => {
      await ada.go('long')
      const most = await ada.page.locator('#said').evaluate(said => {
        for (let at = 0; at < 1_000; at++) said.append(document.createElement('p'))
        return said.children.length
      })
      expect(most).toBe(1_000)
      await ada.say('the newest')
      await ada.sees('the newest')
      expect(await ada.page.locator('#said > *').count()).toBe(300)
    })
  })

  describe('for everybody', () => {
    test('axe-core finds no serious fault, on the way in and inside, on desktop and phone', async () => {
      await using eve = await Person.come(browser, server.url)
      await eve.page.setViewportSize({ width: 390, height: 844 })
      expect(await faultsOf(eve.page)).toEqual([])
      await ada.go('axe')
      await eve.enter('Eve', 'axe')
      await ada.say('hello https://example.com/')
      await ada.page.locator('#file').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture(40, 30) })
      for (const { page } of [eve, ada]) await page.getByRole('img', { name: 'Picture from Ada: a.png' }).waitFor()
      await eve.page.context().setOffline(true)
      await eve.say('this waits')
      await ada.composer.fill('x'.repeat(2_001))
      for (const { page } of [eve, ada]) expect(await faultsOf(page)).toEqual([])
      for (const { page } of [eve, ada]) {
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      }
      await ada.composer.fill('')
    })

    test('it goes by the keyboard alone, and the focus stays where one writes', async () => {
      await using eve = await Person.come(window, server.url)
      const { keyboard } = eve.page
      await eve.page.getByLabel('Your name').focus()
      await keyboard.type('Eve')
      await keyboard.press('Enter')
      await eve.page.locator('#chat').waitFor()
      await keyboard.type('by keys')
      await keyboard.press('Shift+Enter')
      await keyboard.type('alone')
      await keyboard.press('Enter')
      await eve.sees('by keys\nalone')
      expect(await eve.composer.evaluate(element => element === document.activeElement)).toBe(true)
      await keyboard.press('Shift+Tab')
      expect(await eve.page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('log')
    })

    test('the first paint is there within a second, and nothing is asked of another host', async () => {
      const context = await browser.newContext()
      const page = await context.newPage()
      const hosts = new Set<string>()
      page.on('request', request => hosts.add(new URL(request.url()).host))
      await page.goto(`${server.url.replace('ws', 'http')}/chat`)
      const paint = await page.waitForFunction(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      )
      expect(await paint.jsonValue()).toBeLessThan(1_000)
      expect([...hosts]).toEqual([new URL(server.url).host])
      await context.close()
    })
  })
})
