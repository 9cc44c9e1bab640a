/** The chat's server: who may do what is decided here, and all that is said goes through here. */
import { typedRoute, typedTopics } from 'hotline/server'
import type { App } from '../app.ts'
import { chat } from './contract.ts'
import { type Known, LIMITS } from './messages.ts'
import { Chat } from './server/chat.ts'
import { authorize, visitorOf } from './server/visitors.ts'

export function createApp(): App {
  const house = new Chat()
  return {
    // excerpt
    routes: {
      '/chat': typedRoute(chat, { authorize, refuseBy: 'close', requests: house.requests, ...LINE }),
    },
    topics: typedTopics(chat, {
      'chat/rooms': { subscribe: socket => house.knows(socket), ...LISTS },
      'chat/room/*': {
        subscribe: (socket, topic) => house.mayEnter(socket, topic),
        history: { size: 200, age: 3_600_000 },
        presence: { key: socket => visitorOf(socket).key, data: socket => ({ name: visitorOf(socket).name }) },
      },
      'chat/typing/*': {
        subscribe: (socket, topic) => house.mayEnter(socket, topic),
        publish: (socket, topic, who) => house.mayType(socket, topic, who),
        slow: 'latest',
        key: who => who,
      },
      'chat/picture/**': { subscribe: (socket, topic) => house.mayLook(socket, topic), ...PARTS },
    }),
    // end of excerpt
    start: server => house.start(server),
    stop: () => house.stop(),
  }
}

/** The newest list of each server: one that is there tells its own again before it is too old. */
const LISTS = {
  slow: 'latest',
  key: ({ server }: Known) => server,
  history: { size: 32, age: 15_000 },
} as const

/** A part of a picture, which counts three times its bytes. */
const PARTS = {
  history: { size: 1, age: 3_600_000, bytes: 4 * LIMITS.part },
  replay: { bytes: 4 * LIMITS.part },
} as const

/** What one line may take. What it publishes is that somebody types; what is long is pictures, which are compressed already. */
const LINE = {
  maxSubscriptions: 8,
  maxRequests: 8,
  maxPublications: 5,
  maxMessage: 2 * LIMITS.piece,
  // Longer than a publication may take to be stored, so that what became of it is the answer.
  requestTimeout: 60_000,
  deflate: false,
} as const
