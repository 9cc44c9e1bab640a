/** One server of several, as a process of its own, that publishes as it is told: of hotline, or of Socket.IO. */
import { serve } from 'hotline/server'
import { openBackplane } from '../chaos/nodes/backplanes.mjs'
import { TOPIC } from './words.mjs'

/** @typedef {import('./words.mjs').System} System */
/** @typedef {{ url: string, publish: (data: object) => unknown }} Server */

/** Milliseconds between two turns of the publisher. */
const TURN = 5

/** @param {{ joined: import('../chaos/nodes/words.mjs').Joined, port: number }} settings @returns {Promise<Server>} */
async function startHotline({ joined, port }) {
  const server = await serve({
    port,
    backplane: await openBackplane(joined),
    topics: { [TOPIC]: { subscribe: true, history: { size: 10_000 } } },
    routes: { '/': { topics: true } },
  })
  return { url: `${server.url}/`, publish: data => server.publish(TOPIC, data) }
}

/** Installed in bench/, and not for everybody. @param {{ joined: { url?: string | undefined } }} settings @returns {Promise<Server>} */
const startSocketIo = async ({ joined: { url } }) =>
  (await import('../../bench/servers/socketio-streams.mjs')).startStreams(TOPIC, url)

/** Publishes at a rate, or as many as are allowed. */
class Publisher {
  #server
  #rate = 0
  #due = 0
  #allowed = 0
  #given = 0
  #at = performance.now()

  /** @param {Server} server */
  constructor(server) {
    this.#server = server
    setInterval(() => this.#turn(), TURN)
  }

  /** @param {import('./words.mjs').ToNode} message */
  hear({ rate, allowed }) {
    if (rate !== undefined) [this.#rate, this.#due, this.#at] = [rate, 0, performance.now()]
    if (allowed === undefined) return
    this.#allowed = allowed
    while (this.#given < this.#allowed) this.#publish()
  }

  #turn() {
    const now = performance.now()
    this.#due += ((now - this.#at) * this.#rate) / 1000
    this.#at = now
    for (; this.#due >= 1; this.#due--) this.#publish()
  }

  /** The time is that of the machine, which all processes share. */
  #publish() {
    this.#given++
    this.#server.publish({
      at: Number(process.hrtime.bigint() / 1000n),
      text: 'some sixty bytes of what there is to be said about it',
    })
  }
}

const settings = JSON.parse(process.argv[2] ?? '')
const server = await (settings.system === 'socket.io' ? startSocketIo(settings) : startHotline(settings))
const publisher = new Publisher(server)
process.on('message', message => {
  if (typeof message === 'object' && message !== null && 'scaling' in message)
    publisher.hear(/** @type {import('./words.mjs').ToNode} */ (message.scaling))
})
process.on('disconnect', () => process.exit())
process.send?.({ scaling: { url: server.url } })
