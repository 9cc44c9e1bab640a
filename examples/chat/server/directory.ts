/** Which rooms are busy, as this server knows it: it tells that when it changes, and now and then, as long as it is there. */
import { randomUUID } from 'node:crypto'
import { type Server, typedServer } from 'hotline/server'
import { chat, topicOf } from '../contract.ts'
import { busiest, type Rooms } from '../messages.ts'

/** Milliseconds between two looks, and until it is told again though nothing has changed. */
const LOOK = 500
const AGAIN = 5_000

const PREFIX = topicOf('')

export class Directory {
  /** Each server tells its own list. */
  readonly #id = randomUUID()
  readonly #server: Server
  readonly #timer: NodeJS.Timeout
  #told = '[]'
  #at = Number.NEGATIVE_INFINITY

  constructor(server: Server) {
    this.#server = server
    this.#timer = setInterval(() => this.#look(), LOOK).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    // What cannot be told now is not true any more when it can.
    if (this.#server.backplane?.up === false) return
    const rooms = roomsOf(this.#server)
    const told = JSON.stringify(rooms)
    const now = performance.now()
    if (told === this.#told && (rooms.length === 0 || now - this.#at < AGAIN)) return
    this.#told = told
    this.#at = now
    typedServer(chat, this.#server)
      .publish('chat/rooms', { server: this.#id, rooms })
      .stored?.catch(() => {})
  }
}

/** The busiest rooms that somebody is in, on whatever server, of those that somebody of this one is in. */
function roomsOf({ topics }: Pick<Server, 'topics'>): Rooms {
  const rooms = topics.names
    .filter(name => name.startsWith(PREFIX))
    .map(topic => ({ room: topic.slice(PREFIX.length), count: topics.presence(topic).count }))
  return busiest(rooms.filter(({ count }) => count > 0))
}

/** How many rooms there are, also those in which only old words are. */
export const roomCount = ({ topics }: Pick<Server, 'topics'>): number =>
  topics.names.filter(name => name.startsWith(PREFIX)).length
