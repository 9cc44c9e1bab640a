/** `/status`: how the server does, for whoever has the token. The page is public; what it shows comes over its line. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Handlers, type HandshakeRequest, refuse, type Server, type ServerSocket } from 'hotline/server'
import type { App } from '../apps.ts'
import { isLocal, isSecret } from '../guard.ts'
import { socketPart, socketRow, socketSheet, TopicList, topicPart } from './lists.ts'
import { Paced } from './paced.ts'
import { PulseTaker } from './pulse.ts'
import type { Beginning, Pulse, SocketRow, TopicRow } from './wire.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

/** What a line of the status page has as `data`: the sign that it may look. */
class Watcher {}

export class Status {
  /** Names this process, so that what it publishes is not taken for that of another one behind the same backplane. */
  readonly #node = randomBytes(6).toString('hex')
  readonly #topic = `status/${this.#node}`
  readonly #token: string
  /** The token was made here, and is for this machine. */
  readonly #own: boolean
  readonly #taker = new PulseTaker()
  readonly #topics = new TopicList()
  #server: Server | undefined
  #pulses: Paced<Pulse> | undefined
  #topicRows: Paced<readonly TopicRow[]> | undefined
  #socketRows: Paced<readonly SocketRow[]> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param token - whoever has it may look; without, whoever sits at this machine and reads the log */
  constructor(token: string | undefined) {
    this.#own = token === undefined
    this.#token = token ?? randomBytes(16).toString('base64url')
  }

  /** The address with the token, for the log; undefined where the token is known, or nobody at this machine gets here. */
  get address(): string | undefined {
    const { hostname: host = '', port, protocol } = new URL(this.#server?.url ?? 'ws://-')
    const local = /^(0\.0\.0\.0|\[::\])$/.test(host) ? 'localhost' : host
    if (!this.#own || !/^(localhost|127\..*|\[::1\])$/.test(local)) return undefined
    // Behind a #, which no server is told.
    return `${protocol.replace('ws', 'http')}//${local}:${port}/status#${this.#token}`
  }

  /** What it is beside other applications. */
  get app(): App {
    return {
      routes: { '/status/line': this.#route() },
      topics: { [this.#topic]: { subscribe: socket => this.#watched(socket), slow: 'latest' } },
      start: server => this.#start(server),
      stop: () => this.#rest(),
    }
  }

  #route(): Handlers {
    return {
      topics: true,
      // Not what --origin says: pages of others have nothing to look for here.
      origin: 'same',
      refuseBy: 'close',
      authorize: request => (this.#lets(request) ? new Watcher() : refuse(401, 'the token is not right')),
      requests: {
        'status/begin': () => this.#beginning(),
        'status/topics': (_, data) => topicPart(this.#topicRows?.value ?? [], data),
        'status/sockets': (_, data) => socketPart(this.#socketRows?.value ?? [], data),
        'status/socket': (_, id) => this.#server && socketSheet(this.#server, id),
      },
      ...LINE,
    }
  }

  #lets({ token, raw }: HandshakeRequest): boolean {
    return isSecret(this.#token, token) && (!this.#own || isLocal(raw))
  }

  #start(server: Server): void {
    this.#server = server
    this.#pulses = new Paced(() => this.#taker.take(server))
    this.#topicRows = new Paced(() => this.#topics.look(server))
    this.#socketRows = new Paced(() => Array.from(server.sockets, socketRow))
  }

  #beginning(): Beginning {
    const { pid } = process
    return { topic: this.#topic, version, node: `${hostname()} ${this.#node}`, pid, now: Date.now() }
  }

  /** Nothing is measured for nobody. */
  #watched({ data }: ServerSocket): boolean {
    if (!(data instanceof Watcher)) return false
    // It is subscribed when this has been said.
    this.#timer ??= setTimeout(() => this.#beat(), FIRST)
    return true
  }

  #beat(): void {
    const pulses = this.#pulses
    if (pulses === undefined) return
    const { subscribers = 0 } = this.#server?.topics.stats(this.#topic) ?? {}
    if (subscribers === 0) {
      this.#rest()
      return
    }
    this.#server?.publish(this.#topic, pulses.value)
    this.#timer = setTimeout(() => this.#beat(), pulses.wait)
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#taker.stop()
    for (const seen of [this.#pulses, this.#topicRows, this.#socketRows]) seen?.forget()
  }
}

/** Milliseconds from the first look to the first pulse. */
const FIRST = 100

/** What one line may take. */
const LINE = { maxSubscriptions: 1, maxRequests: 8, maxMessage: 4_096, maxPublications: 1 } as const
