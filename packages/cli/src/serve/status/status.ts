/** `/status`: how the server does, for whoever has the token. The page is public; what it shows comes over its line. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Handlers, type HandshakeRequest, refuse, type Server } from 'hotline/server'
import type { App } from '../apps.ts'
import { isLocal, isSecret } from '../guard.ts'
import { socketPart, socketRow, socketSheet, TopicList, topicPart } from './lists.ts'
import { Paced } from './paced.ts'
import { PulseTaker } from './pulse.ts'
import type { Beginning, Pulse, SocketRow, TopicRow } from './wire.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

export const localToken = (): string => randomBytes(16).toString('base64url')

interface StatusParts {
  /** Whoever has it may look. */
  readonly token: string | undefined
  /** Without that one: whoever has this and sits at this machine. */
  readonly localToken: string | undefined
  /** Which of those that share the port it is. */
  readonly worker: number | undefined
}

export class Status {
  /** Names this process among those behind one address. */
  readonly #node = randomBytes(6).toString('hex')
  readonly #token: string
  /** The token was made here, and is for this machine. */
  readonly #own: boolean
  readonly #worker: number | undefined
  readonly #taker = new PulseTaker()
  readonly #topics = new TopicList()
  #server: Server | undefined
  #pulses: Paced<Pulse> | undefined
  #topicRows: Paced<readonly TopicRow[]> | undefined
  #socketRows: Paced<readonly SocketRow[]> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ token, localToken: own, worker }: StatusParts) {
    this.#own = token === undefined
    this.#token = token ?? own ?? localToken()
    this.#worker = worker
  }

  /** What it is beside other applications. */
  get app(): App {
    return {
      routes: { '/status/line': this.#route() },
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
      authorize: request => this.#lets(request) || refuse(401, 'the token is not right'),
      requests: {
        'status/begin': () => this.#beginning(),
        'status/pulse': () => this.#pulse(),
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
    const who = { version, node: `${hostname()} ${this.#node}`, pid, worker: this.#worker }
    return { ...who, now: Date.now() }
  }

  /** Nothing is measured for nobody. */
  #pulse(): Pulse | undefined {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#rest(), UNTIL_REST).unref()
    return this.#pulses?.value
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#taker.stop()
    for (const seen of [this.#pulses, this.#topicRows, this.#socketRows]) seen?.forget()
  }
}

/** Milliseconds without a look until nothing is measured any more. */
const UNTIL_REST = 10_000

/** What one line may take. */
const LINE = { maxSubscriptions: 0, maxRequests: 8, maxMessage: 4_096, maxPublications: 1 } as const
