/** The server's process: one feed by one way, what crosses its sockets, and what it costs. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server, type Http2Server } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { attach } from 'hotline/server'
import { clock } from '../bench/clock.ts'
import { type Feed, loadCompared } from './feed.ts'
import type { Way, Window } from './plan.ts'
import { answerCalls } from './remote.ts'

/** What has been so far. */
export interface Sample {
  readonly connections: number
  readonly requests: number
  /** Bytes that crossed the sockets, with all headers and frames. */
  readonly received: number
  readonly sent: number
  /** Milliseconds of CPU time. */
  readonly cpu: number
}

/** Bytes, after garbage is gone. */
export interface Memory {
  readonly rss: number
  readonly heap: number
}

const compared = await loadCompared()
const { poll, wait, events, socket } = compared

/** The same updates for every way. */
const SEED = 20_261_123
/** Milliseconds for which an idle connection is kept, as web servers in front of applications do. */
const KEEP_ALIVE = 75_000

const feed: Feed = new compared.Feed(SEED)
const sockets = new Set<Socket>()
const gone = { received: 0, sent: 0 }
let requests = 0

type Asked = { readonly url?: string | undefined }

/** The paths that clients ask for. */
function answer({ url = '' }: Asked, response: object): void {
  requests++
  const after = Number(url.split('after=')[1] ?? 0)
  if (url.startsWith('/poll')) poll(feed, after, response)
  else if (url.startsWith('/wait')) wait(feed, after, response)
  else events(feed, response)
}

function createHttp1(): ReturnType<typeof createServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, answer as RequestListener)
  server.on('upgrade', () => requests++)
  attach(server, { routes: { '/socket': { open: line => socket(feed, line) } } })
  return server
}

async function listen({ http }: Way): Promise<number> {
  const server = http === 1 ? createHttp1() : (createHttp2Server(answer as never) as Http2Server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      gone.received += socket.bytesRead
      gone.sent += socket.bytesWritten
    })
  })
  await once(server.listen(0, '127.0.0.1', 4096), 'listening')
  return (server.address() as AddressInfo).port
}

function sample(): Sample {
  let { received, sent } = gone
  for (const { bytesRead, bytesWritten } of sockets) {
    received += bytesRead
    sent += bytesWritten
  }
  const { user, system } = process.cpuUsage()
  return { connections: sockets.size, requests, received, sent, cpu: (user + system) / 1000 }
}

/** What was between two samples, and the updates that count. */
export interface Span {
  readonly before: Sample
  readonly after: Sample
  readonly published: number
  /** Their bytes as JSON, without headers and frames. */
  readonly payload: number
}

async function measure({ from, to }: Window): Promise<Span> {
  let [published, payload] = [0, 0]
  const leave = feed.subscribe(({ at, json }) => {
    if (at < from || at >= to) return
    published++
    payload += Buffer.byteLength(json)
  })
  await setTimeout(from - clock())
  const before = sample()
  await setTimeout(to - clock())
  const after = sample()
  leave()
  return { before, after, published, payload }
}

async function memory(): Promise<Memory> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await setTimeout(50) // what is closed is let go in later turns
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heap: heapUsed + external }
}

const api = { listen, sample, measure, memory, run: (rate: number) => feed.run(rate) }
export type ServerApi = typeof api

answerCalls(api)
