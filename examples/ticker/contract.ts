/** What the two ends of the ticker say to each other: its topics and its requests, with the shapes of all that goes. */
import { contract } from 'hotline/contract'
import * as v from 'valibot'

/** Updates a second, of all stocks together. */
export const RATE = 1_000
/** Milliseconds between two prices of those that are kept: five rounds of two hundred stocks. */
export const SAMPLE = 1_000

const money = v.number()
const shares = v.number()

/** News of one stock. */
export const Quote = v.object({
  symbol: v.string(),
  /** When it was so: milliseconds since 1970 by the clock of the server. */
  at: v.number(),
  /** What was paid last, what somebody would pay, and what somebody would take. */
  price: money,
  bid: money,
  ask: money,
  /** Shares that were traded since the market opened. */
  volume: shares,
})
export type Quote = v.InferOutput<typeof Quote>

const Level = v.tuple([money, shares])

/** The order book of one stock, the best prices first. */
export const Depth = v.object({ at: v.number(), bids: v.array(Level), asks: v.array(Level) })
export type Depth = v.InferOutput<typeof Depth>

/** One stock as the page begins with it. `past` are its last prices, one each SAMPLE milliseconds. */
export const Listing = v.object({ name: v.string(), open: money, quote: Quote, past: v.array(money) })
export type Listing = v.InferOutput<typeof Listing>

export const ticker = contract({
  topics: {
    'ticker/quotes': Quote,
    'ticker/book/*': Depth,
  },
  requests: {
    client: {
      'ticker/market': { reply: v.array(Listing) },
      'ticker/clock': { reply: v.number() },
    },
  },
})

export const bookOf = (symbol: string) => `ticker/book/${symbol}` as const
