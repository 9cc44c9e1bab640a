/** The routes of `hotline serve`. */
import { type Refusal, type Routes, refuse, type Server, type TopicOptions } from 'hotline/server'
import { Patience } from './patience.ts'

const HOUR = 3_600_000

/** What everybody may do over `/topics`, which speaks hotline.1; and the rooms, which only `/rooms/:room` leads to. */
export const TOPICS: Readonly<Record<string, TopicOptions>> = {
  'public/**': { subscribe: true, publish: true, history: { size: 1000, age: HOUR }, presence: true },
  'rooms/*': { slow: 'disconnect', maxPending: 1000 },
}

/** Publications that one client of `/topics` may send in a second. */
const RATE = 100

/** Letters of a room's name as URLs write it: a topic has at most 256 bytes. */
const LONGEST_ROOM = 250

/** How many rooms have somebody in them. */
export const roomsOf = ({ topics }: Server): number => topics.names.filter(name => name.startsWith('rooms/')).length

/** @param server - the server that the routes are of, once it listens */
export function createRoutes(server: () => Server | undefined): Routes<Record<string, unknown>> {
  const patience = new Patience(topic => server()?.topics.stats(topic)?.slow ?? 0)
  return {
    '/echo': {
      message: (socket, message) => socket.send(message),
    },
    '/rooms/:room': {
      authorize: ({ params }) =>
        topicOf(params).length <= LONGEST_ROOM || refuse(400, 'the name of the room is too long'),
      // What it sends waits until it hears what others send, on other servers too.
      open: async socket => void (await socket.subscribe(topicOf(socket.params)).ready),
      message: (socket, message) => {
        const topic = topicOf(socket.params)
        socket.publish(topic, message)
        return patience.wait(socket, topic)
      },
    },
    '/topics': {
      topics: true,
      maxPublications: RATE,
      message: socket => socket.close(1008, 'offer the subprotocol hotline.1'),
    },
    '/refused': { authorize: refused },
    '/refused/told': { refuseBy: 'close', authorize: refused },
  }
}

/** Every name of a room is one of a topic, of one segment that is no `*`. */
const topicOf = ({ room = '' }: Readonly<Record<string, string>>): string =>
  `rooms/${encodeURIComponent(room).replaceAll('*', '%2A')}`

const refused = (): Refusal => refuse(401, 'this route lets nobody in', { 'WWW-Authenticate': 'Bearer' })
