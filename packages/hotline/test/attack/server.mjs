/**
 * The server under attack: a process of its own, with the built package, that tells its parent how it fares. Run with
 * --expose-gc.
 */
import { refuse, serve } from 'hotline/server'

/** @typedef {import('./target.ts').State} State */
/** @typedef {import('./target.ts').End} End */
/** @typedef {import('./target.ts').Fault} Fault */

const KIB = 1024

/** How often memory is looked at during an attack. */
const SAMPLE = 10

const QUICK = { interval: 100, timeout: 200 }

const counts = { messages: 0, unhandled: 0, uncaught: 0, peak: 0, queued: 0, floods: 0 }
/** @type {End[]} */
const ends = []
/** @type {Fault[]} */
const reported = []
/** @type {Set<import('node:net').Socket>} */
const connections = new Set()
/** @type {Set<() => void>} */
const waiting = new Set()
const prototype = Reflect.ownKeys(Object.prototype).length

process.on('unhandledRejection', () => counts.unhandled++)
process.on('uncaughtException', () => counts.uncaught++)

const changed = () => {
  for (const look of waiting) look()
}

/**
 * @param {() => boolean} passes
 * @returns {Promise<void>}
 */
const until = passes =>
  new Promise(resolve => {
    const look = () => {
      if (!passes()) return
      waiting.delete(look)
      resolve()
    }
    waiting.add(look)
    look()
  })

/**
 * @param {any} error
 * @returns {Fault}
 */
const describe = error => ({
  name: error?.name ?? typeof error,
  message: String(error?.message ?? error),
  code: error?.code,
  option: error?.limit?.option,
})

/**
 * Handlers with a `close` that writes down how the line ended.
 *
 * @param {import('hotline/server').Handlers<any, any>} handlers
 * @returns {import('hotline/server').Handlers<any, any>}
 */
const noted = handlers => ({
  ...handlers,
  message(socket, message) {
    counts.messages++
    return handlers.message?.(socket, message)
  },
  close(_socket, { code, clean, error }) {
    ends.push({ code, clean, ...(error === undefined ? {} : { error: describe(error) }) })
    changed()
  },
})

/** Sends for as long as the line is open, and never waits. */
const flood = (/** @type {import('hotline/server').ServerSocket<any, any>} */ socket) => {
  const chunk = new Uint8Array(16 * KIB)
  const pour = () => {
    for (let i = 0; i < 8 && socket.state === 'open'; i++) {
      socket.send(chunk).catch(() => {})
      counts.queued = Math.max(counts.queued, socket.bufferedAmount)
    }
    if (socket.state === 'open') setImmediate(pour)
    else counts.floods++
    changed()
  }
  pour()
}

const never = () => new Promise(() => {})

/** @param {import('hotline/server').HandshakeRequest<any>} request */
const asked = ({ url }) => url.searchParams.get('text') ?? ''

const server = await serve({
  port: 0,
  host: '127.0.0.1',
  headersTimeout: 1500,
  closeTimeout: 500,
  writeTimeout: 1000,
  report: (error, { phase }) => {
    reported.push({ ...describe(error), phase })
    changed()
  },
  topics: { 'free/*': { subscribe: true } },
  routes: {
    // The test's own process may be slow to read.
    '/topics': noted({ topics: true, writeTimeout: 30_000 }),
    '/': noted({ message: (socket, message) => socket.send(message) }),
    // The polite client's, so that nobody else is counted with it.
    '/polite': { message: (socket, message) => socket.send(message) },
    '/loop': async socket => {
      for await (const message of socket) await socket.send(message)
    },
    '/throws': noted({
      message() {
        throw new RangeError('the handler of /throws')
      },
    }),
    '/rejects': noted({ message: () => Promise.reject(new RangeError('the handler of /rejects')) }),
    '/function-rejects': async socket => {
      for await (const _message of socket) throw new RangeError('the function of /function-rejects')
    },
    '/hangs': noted({ message: never, heartbeat: QUICK }),
    '/floods': noted({ open: flood, maxQueued: 256 * KIB, highMark: 64 * KIB }),
    '/watched': noted({ message: (socket, message) => socket.send(message), heartbeat: QUICK }),
    '/undecided': { authorize: never, acceptTimeout: 500 },
    '/names/:__proto__/:constructor': {
      protocols: ['chat'],
      open: socket => {
        const { headers, protocols } = socket.request
        const plain = Object.getPrototypeOf(headers) === null && Object.getPrototypeOf(socket.params) === null
        socket.send(JSON.stringify({ plain, protocols, params: Object.entries(socket.params) }))
      },
    },
    '/refuses/reason': { authorize: request => refuse(403, asked(request)) },
    '/refuses/header': { authorize: request => refuse(403, 'no', { 'X-Text': asked(request) }) },
    '/refuses/name': { authorize: request => refuse(403, 'no', { [asked(request)]: 'x' }) },
    '/refuses/late': {
      authorize: request => {
        const refusal = refuse(403, 'no', { 'X-Text': 'checked' })
        Object.assign(refusal.headers, { 'X-Text': asked(request) })
        return refusal
      },
    },
    '/refuses/close': { refuseBy: 'close', authorize: request => refuse(403, asked(request)) },
  },
})

server.http.on('connection', socket => {
  connections.add(socket)
  socket.once('close', () => {
    connections.delete(socket)
    changed()
  })
})

/** Everything that is garbage is collected: buffers go with the second round. */
async function collect() {
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.()
    await new Promise(setImmediate)
  }
}

/** @returns {Promise<State>} */
async function look() {
  await collect()
  const { rss, heapUsed, external } = process.memoryUsage()
  counts.peak = Math.max(counts.peak, rss)
  return {
    ...counts,
    rss,
    held: heapUsed + external,
    connections: connections.size,
    sockets: server.sockets.size,
    polluted: Reflect.ownKeys(Object.prototype).length !== prototype,
    ends,
    reported,
  }
}

const answers = {
  begin() {
    ends.length = reported.length = counts.messages = counts.peak = counts.queued = counts.floods = 0
    return look()
  },
  look,
  /** @param {number} count */
  calm: count => until(() => connections.size <= count),
  /** @param {number} count */
  ended: count => until(() => ends.length >= count),
  flooded: () => until(() => counts.floods > 0),
  /** @param {number} within */
  close: within => server.close({ within }),
}

const sampling = setInterval(() => {
  counts.peak = Math.max(counts.peak, process.memoryUsage.rss())
}, SAMPLE)
sampling.unref()

process.on('message', async (/** @type {{ id: number, ask: keyof typeof answers, with: number }} */ question) => {
  const result = await answers[question.ask](question.with)
  process.send?.({ id: question.id, result })
})
process.send?.({ id: 0, result: server.port })
