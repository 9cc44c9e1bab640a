/** Clients that nobody made for the ticker: what they may not do is denied, and the market goes on for the others. */
import { connectTyped, openSocket } from 'hotline/client'
import { type Server, serve } from 'hotline/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Log } from '../../../packages/hotline/test/support/deadline.ts'
import { Forger, type Wire } from '../../../test/support/forger.ts'
import { createApp } from '../app.ts'
import { ticker } from '../contract.ts'
import { Exchange } from '../exchange.ts'

const refusal = (code: string) => expect.objectContaining({ type: 'error', code })

describe('the ticker, among strangers', () => {
  const exchange = new Exchange(1)
  const faults: unknown[] = []
  let server: Server
  let url: string
  beforeAll(async () => {
    const { routes, topics = {}, start } = createApp(exchange)
    server = await serve({
      port: 0,
      routes: { ...routes, '/elsewhere': { topics: true } },
      topics,
      report: error => faults.push(error),
    })
    start?.(server)
    url = `${server.url}/ticker`
  })
  afterAll(async () => {
    exchange.stop()
    await server.close({ within: 1_000 })
    expect(faults).toEqual([])
  })

  const forge = async (at = url): Promise<Forger> => new Forger(await openSocket(at, { protocols: ['hotline.1'] }))

  test('the market runs while somebody reads it, one for all who do, and not a moment longer than a second', async () => {
    expect(exchange.isRunning).toBe(false)
    const [one, other] = [connectTyped(url, ticker), connectTyped(url, ticker)]
    const seen = [new Log<string>(), new Log<string>()] as const
    for (const [at, line] of [one, other].entries()) {
      line.topic('ticker/quotes').on('publication', ({ data }) => seen[at as 0 | 1].push(JSON.stringify(data)))
    }
    await Promise.all(seen.map(log => log.until('news', () => log.all.length > 400)))
    expect(exchange.isRunning).toBe(true)
    const common = seen[0].all.filter(quote => seen[1].all.includes(quote))
    expect(common.length).toBeGreaterThan(200)
    await one.close()
    const { length } = seen[1].all
    await seen[1].until('more news', () => seen[1].all.length > length + 200)
    await other.close()
    await expect.poll(() => exchange.isRunning, { timeout: 5_000 }).toBe(false)
  })

  test('nobody may publish', async () => {
    await using forger = await forge()
    const quote = { symbol: 'ALDA', at: 1, price: 1, bid: 1, ask: 1, volume: 1 }
    expect(await forger.ask({ type: 'publish', topic: 'ticker/quotes', data: quote })).toEqual(refusal('denied'))
    expect(await forger.ask({ type: 'publish', topic: 'ticker/book/ALDA', data: {} })).toEqual(
      expect.objectContaining({ type: 'error' }),
    )
  })

  test.each(['ticker/book/NONE', 'ticker/book/__proto__', 'ticker/book/alda', 'ticker/other', 'ticker/book/ALDA/x'])(
    '%s is no topic for anybody',
    async topic => {
      await using forger = await forge()
      expect(await forger.ask({ type: 'subscribe', topic })).toEqual(refusal('denied'))
      expect(server.topics.names).not.toContain(topic)
    },
  )

  test('one line reads four topics and no more', async () => {
    await using forger = await forge()
    for (const symbol of ['ALDA', 'ALDB', 'ALDC', 'ALDD']) {
      expect(await forger.ask({ type: 'subscribe', topic: `ticker/book/${symbol}` })).toMatchObject({
        type: 'subscribed',
      })
    }
    expect(await forger.ask({ type: 'subscribe', topic: 'ticker/quotes' })).toEqual(refusal('limit'))
  })

  test.each([-1, 0.5, Number.MAX_VALUE, 'often', null])('every: %s is refused', async every => {
    await using forger = await forge()
    expect(await forger.ask({ type: 'subscribe', topic: 'ticker/quotes', every })).toMatchObject({ type: 'error' })
  })

  test('every: longer than anybody lives is an hour: it costs a timer, and the first news comes at once', async () => {
    await using forger = await forge()
    const asked = { type: 'subscribe', topic: 'ticker/quotes', every: 2 ** 53 - 1 }
    expect(await forger.ask(asked)).toMatchObject({ type: 'subscribed' })
    const isNews = (one: Wire): one is Wire => one['type'] === 'publication'
    await forger.messages.find('news', isNews)
    await forger.ask({ type: 'subscribe', topic: 'ticker/book/ALDA' })
    const isBook = (one: Wire): one is Wire => one['topic'] === 'ticker/book/ALDA' && isNews(one)
    await forger.messages.find('a book', isBook)
    const quotes = forger.messages.all.filter(one => isNews(one) && one['topic'] === 'ticker/quotes')
    expect(quotes).toHaveLength(1)
  })

  test('who asks for everything all the time is told to wait, and may ask again later', async () => {
    await using forger = await forge()
    const answers: Wire[] = []
    for (let times = 0; times < 40; times++) answers.push(await forger.ask({ type: 'request', name: 'ticker/market' }))
    const given = answers.filter(({ type }) => type === 'reply')
    expect(given.length).toBeGreaterThan(2)
    expect(given.length).toBeLessThan(12)
    expect(answers.filter(answer => answer['code'] === 'limit').length).toBe(40 - given.length)
    await expect
      .poll(() => forger.ask({ type: 'request', name: 'ticker/clock' }), { timeout: 5_000 })
      .toMatchObject({
        type: 'reply',
      })
  })

  test('who comes and goes all the time is told to wait, and others read on', async () => {
    await using reader = await forge()
    await reader.ask({ type: 'subscribe', topic: 'ticker/quotes' })
    await using forger = await forge()
    let refused = 0
    for (let times = 0; times < 60; times++) {
      const answer = await forger.ask({ type: 'subscribe', topic: 'ticker/quotes' })
      if (answer['code'] === 'limit') refused++
      else await forger.ask({ type: 'unsubscribe', topic: 'ticker/quotes' })
    }
    expect(refused).toBeGreaterThan(10)
    const { length } = reader.messages.all
    await reader.messages.until('more news', () => reader.messages.all.length > length + 100)
  })

  test('what is no message ends the line after a while, and one that is too long at once', async () => {
    await using talker = await forge()
    for (let words = 0; words < 20; words++) await talker.send('{"type":').catch(() => {})
    expect(await talker.closed).toMatchObject({ code: 4400 })
    await using shouter = await forge()
    await shouter.send({ type: 'request', id: 1, name: 'ticker/clock', data: 'x'.repeat(10_000) })
    expect(await shouter.closed).toMatchObject({ code: 1009 })
  })

  test('a line of another route does not read the ticker', async () => {
    await using forger = await forge(`${server.url}/elsewhere`)
    expect(await forger.ask({ type: 'subscribe', topic: 'ticker/quotes' })).toEqual(refusal('denied'))
    expect(await forger.ask({ type: 'subscribe', topic: 'ticker/book/ALDA' })).toEqual(refusal('denied'))
  })
})
