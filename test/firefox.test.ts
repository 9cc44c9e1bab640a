/** The pages in another browser: the four events, and two people who chat, in Firefox. */
import { expect, test } from 'vitest'
import { serving } from '../packages/cli/test/support/hotline.ts'
import { Firefox, type FirefoxTab, firefox } from './support/firefox.ts'

const is = (tab: FirefoxTab, expression: string) => expect.poll(() => tab.evaluate(expression), { timeout: 15_000 })

test.skipIf(!firefox)(
  'in Firefox, the client of the notes runs, and its events show',
  { timeout: 60_000 },
  async () => {
    await using server = await serving()
    await using browser = await Firefox.launch()
    const tab = await browser.open(`${server.url.replace('ws', 'http')}/events`)
    await tab.click('#dial button[type=submit]')
    await is(tab, "document.querySelector('#state').textContent").toBe('1 OPEN')
    await is(tab, "document.querySelectorAll('.entry.message').length").toBe(1)
    await tab.click('#close button[type=submit]')
    await is(tab, "document.querySelector('[data-event=close]').textContent").toBe('1')
  },
)

test.skipIf(!firefox)('in Firefox, two people chat', { timeout: 60_000 }, async () => {
  await using server = await serving()
  await using browser = await Firefox.launch()
  const people = ['Ada', 'Grace'] as const
  const tabs: FirefoxTab[] = []
  for (const name of people) {
    const tab = await browser.open(`${server.url.replace('ws', 'http')}/chat`)
    await tab.click('#name')
    await tab.type(`${name}\uE007`)
    await is(tab, "document.querySelector('#line').dataset.status").toBe('open')
    tabs.push(tab)
  }
  const [ada, grace] = tabs as [FirefoxTab, FirefoxTab]
  await is(ada, "document.querySelector('#people-count').textContent").toBe('2 people here')
  await ada.click('#text')
  await ada.type('Is this Firefox?\uE007')
  await is(grace, "document.querySelector('#said').textContent").toContain('Is this Firefox?')
  await grace.click('#text')
  await grace.type('It is.\uE007')
  await is(ada, "document.querySelector('#said').textContent").toContain('It is.')
})
