/** The ticker's server: a market that runs while somebody reads it, and two topics of which only the newest counts. */
import { typedRoute, typedTopics } from 'hotline/server'
import type { App } from '../app.ts'
import { Budget } from '../budget.ts'
import { ticker } from './contract.ts'
import { Exchange } from './exchange.ts'

/** @param exchange - its market; the same seed is the same market */
export function createApp(exchange = new Exchange(Number(process.env['TICKER_SEED'] || 2026))): App {
  return {
    alone: true,
    // excerpt
    routes: {
      '/ticker': typedRoute(ticker, {
        authorize: () => new Budget(30, 5),
        requests: {
          'ticker/market': ({ socket }) => exchange.listings(socket),
          'ticker/clock': ({ socket }) => exchange.clock(socket),
        },
        ...LINE,
      }),
    },
    topics: typedTopics(ticker, {
      'ticker/quotes': { subscribe: socket => exchange.admit(socket), slow: 'latest', key: ({ symbol }) => symbol },
      'ticker/book/*': { subscribe: (socket, topic) => exchange.admit(socket, topic), slow: 'latest' },
    }),
    // end of excerpt
    start: server => exchange.start(server),
    stop: () => exchange.stop(),
  }
}

/** What one line may take. Quotes are small, and their bytes are counted on the page: they go as they are. */
const LINE = { maxSubscriptions: 4, maxRequests: 4, maxMessage: 4_096, deflate: false } as const
