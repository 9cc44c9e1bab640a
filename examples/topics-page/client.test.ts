/** The client of the page, in Chromium: it reads, publishes, asks, and comes back where it was. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { chromium, launch } from '../../test/support/browser.ts'
import { Example } from '../../test/support/example.ts'

const file = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

/** Lets a test cut the lines of a page, and hold it back from coming again. */
const script = `
  globalThis.lines = []
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args)
      lines.push(this)
    }
  }
  globalThis.gate = Promise.resolve()
  const later = setTimeout
  globalThis.setTimeout = (work, ms) => later(() => gate.then(work), ms)
`

test('the client has fewer than 150 lines and imports nothing', () => {
  expect(file('client.js').trimEnd().split('\n').length).toBeLessThan(150)
  expect(file('client.js')).not.toMatch(/\bimport\b/)
})

test.skipIf(!chromium)('two pages say and see the same, and one that lost its line gets what it missed', async () => {
  await using example = new Example(import.meta.url)
  const url = (await example.line()).replace('ws:', 'http:')
  const browser = await launch()
  try {
    const faults: unknown[] = []
    const open = async () => {
      const page = await browser.newPage()
      await page.addInitScript(script)
      page.on('pageerror', fault => faults.push(fault))
      await page.goto(url)
      await page.waitForFunction("document.querySelector('#state').textContent === 'open'")
      return page
    }
    const [one, two] = [await open(), await open()]
    const list = "[...document.querySelectorAll('li')].map(li => li.textContent)"
    const sees = (page: typeof one, texts: string[]) =>
      page.waitForFunction(`JSON.stringify(${list}) === ${JSON.stringify(JSON.stringify(texts))}`)

    await one.waitForFunction("document.querySelector('#count').textContent === '2'")
    await one.fill('input', 'hello')
    await one.press('input', 'Enter')
    for (const page of [one, two]) await sees(page, ['hello'])

    expect(await one.evaluate("client.request('add', [1, 2, 3])")).toBe(6)
    expect(await one.evaluate("client.request('add', 'x').catch(error => error.code)")).toBe('schema')
    expect(await one.evaluate("client.publish('rooms/lobby', 7).catch(error => error.code)")).toBe('denied')

    await two.evaluate('gate = new Promise(open => { openGate = open }); lines.at(-1).close(3001)')
    await two.waitForFunction("document.querySelector('#state').textContent === 'waiting'")
    for (const text of ['one', 'two']) await one.evaluate(`client.publish('rooms/lobby', '${text}')`)
    await two.evaluate('openGate()')
    await sees(two, ['hello', 'one', 'two'])
    expect(await two.evaluate('lines.length')).toBe(2)

    const began = { type: 'subscribed', topic: 'rooms/lobby', epoch: 'another', offset: 0, recovered: false }
    const published = { type: 'publication', topic: 'rooms/lobby', offset: 1, data: 'anew' }
    const told = [{ type: 'notice', code: 'restored', reason: '' }, began, published].map(one => JSON.stringify(one))
    for (const data of told) await two.evaluate(`lines.at(-1).onmessage({ data: ${JSON.stringify(data)} })`)
    await sees(two, ['anew'])
    expect(faults).toEqual([])
  } finally {
    await browser.close()
  }
  expect(await example.stop()).toBe(0)
})
