/** The chat's server: who may do what is decided here, and all that is said goes through here. */
import type { App } from '../app.ts'
import { LIMITS } from './messages.ts'
import { Chat } from './server/chat.ts'
import { authorize, visitorOf } from './server/visitors.ts'

export function createApp(): App {
  const chat = new Chat()
  return {
    // excerpt
    routes: {
      '/chat': { topics: true, authorize, refuseBy: 'close', requests: chat.requests, ...LINE },
    },
    topics: {
      'chat/room/*': {
        subscribe: (socket, topic) => chat.mayEnter(socket, topic),
        history: { size: 200, age: 3_600_000 },
        presence: { key: socket => visitorOf(socket).key, data: socket => ({ name: visitorOf(socket).name }) },
      },
      'chat/typing/*': {
        subscribe: (socket, topic) => chat.mayEnter(socket, topic),
        publish: (socket, topic, who) => chat.mayType(socket, topic, who),
        slow: 'latest',
        key: String,
      },
      'chat/rooms': { subscribe: socket => chat.knows(socket), slow: 'latest', history: { size: 1 } },
    },
    // end of excerpt
    start: server => chat.start(server),
    stop: () => chat.stop(),
  }
}

/** What one line may take. What is long here is pictures, which are compressed already. */
const LINE = { maxSubscriptions: 8, maxRequests: 8, maxMessage: 2 * LIMITS.piece, deflate: false } as const
