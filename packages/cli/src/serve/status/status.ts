/** `/status`: how the server does, for whoever has the token. The page is public; what it shows comes over its line. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Handlers, type HandshakeRequest, refuse } from 'hotline/server'
import type { App } from '../apps.ts'
import type { Crew, Question } from '../crew.ts'
import { isLocal, isSecret } from '../guard.ts'
import { joinedSockets, socketQuestion, topicPart, topicQuestion, workerOf } from './lists.ts'
import { Looks } from './looks.ts'
import { Paced } from './paced.ts'
import { joinedTopics, type PackedTopics } from './topics.ts'
import type { Beginning, Part, Pulse, SocketName, SocketRow, SocketSheet, TopicRow } from './wire.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

export const localToken = (): string => randomBytes(16).toString('base64url')

interface StatusParts {
  /** Whoever has it may look. */
  readonly token: string | undefined
  /** Without that one: whoever has this and sits at this machine. */
  readonly localToken: string | undefined
  /** Those that share the port: whichever a line is at tells of all. */
  readonly crew: Crew | undefined
}

export class Status {
  /** Names this process among those behind one address. */
  readonly #node = randomBytes(6).toString('hex')
  readonly #token: string
  /** The token was made here, and is for this machine. */
  readonly #own: boolean
  readonly #crew: Crew | undefined
  #looks: Looks | undefined
  readonly #pulses = new Paced(() => this.#ask<Pulse>({ about: 'pulse' }))
  /** By worker, 0 for all. */
  readonly #topics = new Map<number, Paced<Promise<readonly TopicRow[]>>>()

  constructor({ token, localToken: own, crew }: StatusParts) {
    this.#own = token === undefined
    this.#token = token ?? own ?? localToken()
    this.#crew = crew
  }

  /** What it is beside other applications. */
  get app(): App {
    return {
      routes: { '/status/line': this.#route() },
      start: server => {
        this.#looks = new Looks(server, this.#crew?.number ?? 0, () => this.#forget())
      },
      stop: () => this.#looks?.rest(),
    }
  }

  /** What this process says of itself. */
  answer(about: string, data: unknown): unknown {
    return this.#looks?.answer(about, data)
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
        'status/pulse': () => this.#pulses.value,
        'status/topics': (_, data) => this.#topicsOf(data),
        'status/sockets': (_, data) => this.#socketsOf(data),
        'status/socket': (_, data) => this.#socketOf(data),
      },
      ...LINE,
    }
  }

  #lets({ token, raw }: HandshakeRequest): boolean {
    return isSecret(this.#token, token) && (!this.#own || isLocal(raw))
  }

  #beginning(): Beginning {
    const { pid, ppid } = process
    // Workers come and go: what they are of is the process that started them.
    const node = `${hostname()} ${this.#crew === undefined ? this.#node : ppid}`
    return { version, node, pid, worker: this.#crew?.number, now: Date.now() }
  }

  /** Of all that share the port, or of this one, which has it to itself. */
  async #ask<T>(question: Question): Promise<readonly T[]> {
    const said = (await this.#crew?.ask(question)) ?? [{ value: this.answer(question.about, question.data) }]
    return said.flatMap(({ value }) => (value === undefined ? [] : (value as T)))
  }

  /** What was seen may be large, and nobody looks. */
  #forget(): void {
    this.#pulses.forget()
    this.#topics.clear()
  }

  async #topicsOf(data: unknown): Promise<Part<TopicRow>> {
    const question = topicQuestion(data)
    const { worker } = question
    const look = (): Promise<TopicRow[]> => this.#ask<PackedTopics>({ about: 'topics', worker }).then(joinedTopics)
    const rows = this.#topics.get(worker ?? 0) ?? new Paced(look)
    this.#topics.set(worker ?? 0, rows)
    return topicPart(await rows.value, question)
  }

  async #socketsOf(data: unknown): Promise<Part<SocketRow>> {
    const question = socketQuestion(data)
    const parts = await this.#ask<Part<SocketRow>>({ about: 'sockets', data: question, worker: question.worker })
    return joinedSockets(parts, question)
  }

  async #socketOf(data: unknown): Promise<SocketSheet | undefined> {
    const { id, worker } = (data ?? {}) as Partial<Record<keyof SocketName, unknown>>
    const at = workerOf(worker)
    if (this.#crew !== undefined && at === undefined) return undefined
    const [sheet] = await this.#ask<SocketSheet>({ about: 'socket', data: id, worker: at })
    return sheet
  }
}

/** What one line may take. */
const LINE = { maxSubscriptions: 0, maxRequests: 8, maxMessage: 4_096, maxPublications: 1 } as const
