/** The market: the same for the same seed, and never what no market can be. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Book, LEVELS } from '../market/book.ts'
import { LISTED } from '../market/listing.ts'
import { KEPT, Market } from '../market/market.ts'
import { Random } from '../market/random.ts'
import type { Stock } from '../market/stock.ts'

const told = ({ symbol, last, volume, book }: Stock) => [symbol, last, volume, book.bids, book.asks]

/** What is wrong with a book: nothing, at any time. */
function wrong({ bids, asks, bid, ask }: Book): string[] {
  const prices = [...bids.toReversed(), ...asks].map(([price]) => price)
  const sizes = [...bids, ...asks].map(([, size]) => size)
  return [
    ...(bid < ask ? [] : [`crossed: ${bid} to ${ask}`]),
    ...(bids.length === LEVELS && asks.length === LEVELS ? [] : ['a side is too short']),
    ...(prices.every((price, at) => at === 0 || price > (prices[at - 1] ?? 0)) ? [] : [`out of order: ${prices}`]),
    ...(prices.every(price => Number.isInteger(price) && price > 0) ? [] : [`a price of nothing: ${prices}`]),
    ...(sizes.every(size => Number.isInteger(size) && size > 0) ? [] : [`an empty price: ${sizes}`]),
  ]
}

test('two hundred stocks are listed, each with a symbol and a name of its own', () => {
  expect(LISTED).toHaveLength(200)
  expect(new Set(LISTED.map(({ symbol }) => symbol)).size).toBe(200)
  expect(new Set(LISTED.map(({ name }) => name)).size).toBe(200)
  expect(LISTED.every(({ symbol }) => /^[A-Z]{4}$/.test(symbol))).toBe(true)
})

test('the same seed is the same market, update for update; another seed is another', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 3_000 }), (seed, updates) => {
      const [one, same, other] = [new Market(seed), new Market(seed), new Market(seed + 1)]
      let differs = false
      for (let update = 0; update < updates; update++) {
        const next = told(one.next())
        expect(told(same.next())).toEqual(next)
        differs ||= JSON.stringify(told(other.next())) !== JSON.stringify(next)
      }
      expect(differs).toBe(true)
    }),
    { numRuns: 10 },
  )
})

test('no book is ever crossed, no price nothing, no size empty, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer(), seed => {
      const market = new Market(seed)
      for (let update = 0; update < 4_000; update++) {
        const { book, last, volume } = market.next()
        expect(wrong(book)).toEqual([])
        expect(last).toBeGreaterThan(0)
        expect(Number.isSafeInteger(volume)).toBe(true)
      }
    }),
    { numRuns: 8 },
  )
})

test('whatever is done to a book, in any order, both sides stay what they are', () => {
  const deed = fc.record({
    what: fc.constantFrom('buy', 'sell', 'bid', 'offer', 'cancel bid', 'cancel offer'),
    shares: fc.integer({ min: 1, max: 5_000 }),
    prices: fc.integer({ min: 1, max: 10 }),
  })
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: LEVELS + 1, max: 60 }), fc.array(deed), (seed, price, deeds) => {
      const book = new Book(price, new Random(seed))
      for (const { what, shares, prices } of deeds) {
        if (what === 'buy' || what === 'sell') {
          const before = what === 'buy' ? book.ask : book.bid
          const trade = book.trade(what === 'buy', shares, prices)
          expect(trade.shares).toBeLessThanOrEqual(shares)
          expect(Math.abs(trade.price - before)).toBeLessThan(prices)
        } else if (what.startsWith('cancel')) book.cancel(what === 'cancel bid')
        else book.order(what === 'bid')
        expect(wrong(book)).toEqual([])
      }
    }),
  )
})

test('who sells everything, for as long as anybody likes, gets a price in the end, and not less than nothing', () => {
  const book = new Book(LEVELS + 5, new Random(1))
  for (let sale = 0; sale < 1_000; sale++) book.trade(false, 10_000, 3)
  expect(wrong(book)).toEqual([])
  expect(book.bid).toBe(LEVELS)
  expect(book.trade(false, 10, 3)).toEqual({ price: LEVELS, shares: 0 })
})

test('each stock has its turn once in a round, so none is silent for longer', () => {
  const market = new Market(7)
  const round = Array.from({ length: 200 }, () => market.next().symbol)
  expect(new Set(round).size).toBe(200)
  expect(Array.from({ length: 200 }, () => market.next().symbol)).toEqual(round)
})

test('of each stock the last two minutes are kept, and no more', () => {
  const market = new Market(7)
  for (let update = 0; update < 200 * 5 * (KEPT + 20); update++) market.next()
  for (const stock of market.stocks) expect(market.pastOf(stock)).toHaveLength(KEPT)
  const prices = market.stocks.map(stock => stock.last / stock.open)
  expect(Math.min(...prices)).toBeGreaterThan(0.5)
  expect(Math.max(...prices)).toBeLessThan(2)
  // It is a market, and not a line.
  expect(new Set(market.pastOf(market.stocks[0] as Stock)).size).toBeGreaterThan(10)
})
