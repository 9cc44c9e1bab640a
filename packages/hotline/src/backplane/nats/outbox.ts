/** Publications to topics with history: given to JetStream in order, one behind the other, and acknowledged by it. */
import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import { BackplaneError } from '../../errors.ts'
import type { HistoryRules } from '../../topics/rules.ts'
import type { Entry, Place } from '../backplane.ts'
import { encode } from './frame.ts'
import type { Session } from './link.ts'
import { codeOf, type Found, type Streams } from './streams.ts'

/** Milliseconds after which a topic that nothing is published to is forgotten. */
const UNUSED = 60_000

/** Milliseconds between two attempts when a stream is not there, at first and at most. */
const AGAIN = { first: 100, most: 1_000 } as const

interface Letter {
  readonly entry: Entry
  readonly frame: Uint8Array
  /** When it was sent; undefined for one that waits. */
  sent: number | undefined
  resolve(place: Place | undefined): void
  reject(error: BackplaneError): void
}

/** What is published to one topic. */
interface Pile {
  readonly topic: string
  rules: HistoryRules
  /** Undefined while it is looked for. */
  found: Found | undefined
  opening: boolean
  /** Not acknowledged, in order; the first `sent` of them have been sent. */
  readonly letters: Letter[]
  sent: number
  used: number
  failures: number
}

/** What JetStream answers. */
interface Answer {
  readonly seq?: number
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string }
}

export interface OutboxParts {
  readonly streams: Streams
  readonly headers: () => MsgHdrs
  /** Milliseconds without an acknowledgement after which the stream is looked after. */
  readonly patience: number
}

export class Outbox {
  readonly #parts: OutboxParts
  readonly #piles = new Map<string, Pile>()
  /** By the last token of the subject that the answer goes to. */
  readonly #answers = new Map<string, { readonly pile: Pile; readonly letter: Letter }>()
  #session: Session | undefined
  #inbox = ''
  #last = 0
  #timer: NodeJS.Timeout | undefined

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Those that have not been acknowledged. */
  get waiting(): number {
    let waiting = 0
    for (const { letters } of this.#piles.values()) waiting += letters.length
    return waiting
  }

  begin(session: Session, inbox: string): void {
    this.#session = session
    this.#inbox = inbox
    session.nc.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answer(message)
      },
    })
    this.#timer = setInterval(this.#look, this.#parts.patience / 2)
    this.#timer.unref()
  }

  /** Those that were on the way may be kept or not; those that waited are not. */
  lose(reason: Error): void {
    clearInterval(this.#timer)
    const piles = [...this.#piles.values()]
    this.#session = undefined
    this.#piles.clear()
    this.#answers.clear()
    for (const { letters } of piles) {
      for (const { sent, reject } of letters) {
        reject(new BackplaneError(reason.message, sent === undefined ? 'no' : 'unknown', { cause: reason }))
      }
    }
  }

  publish(topic: string, rules: HistoryRules, entry: Entry): Promise<Place | undefined> {
    const session = this.#session
    if (session === undefined) return Promise.reject(new BackplaneError('NATS is away'))
    const frame = encode(entry)
    const most = session.nc.info?.max_payload ?? Number.POSITIVE_INFINITY
    // Headers count too.
    if (frame.length + 512 > most) {
      return Promise.reject(new BackplaneError(`${frame.length} bytes are more than NATS takes (max_payload: ${most})`))
    }
    const pile = this.#pile(topic, rules)
    return new Promise((resolve, reject) => {
      pile.letters.push({ entry, frame, sent: undefined, resolve, reject })
      if (pile.found) this.#send(session, pile)
      else void this.#open(session, pile)
    })
  }

  #pile(topic: string, rules: HistoryRules): Pile {
    let pile = this.#piles.get(topic)
    if (pile === undefined) {
      pile = { topic, rules, found: undefined, opening: false, letters: [], sent: 0, used: 0, failures: 0 }
      this.#piles.set(topic, pile)
    }
    pile.rules = rules
    pile.used = performance.now()
    return pile
  }

  async #open(session: Session, pile: Pile): Promise<void> {
    if (pile.opening) return
    pile.opening = true
    let found: Found | undefined
    let failure: unknown
    try {
      found = await this.#parts.streams.open(session, pile.topic, pile.rules)
    } catch (error) {
      failure = error
    }
    pile.opening = false
    if (session.over) return
    if (found) {
      pile.found = found
      this.#send(session, pile)
    } else if (codeOf(failure) === undefined || isPassing(codeOf(failure))) this.#retry(session, pile)
    else this.#refuse(pile, failure as Error)
  }

  /** Looks for the stream again, a little later each time. */
  #retry(session: Session, pile: Pile): void {
    const wait = Math.min(AGAIN.most, AGAIN.first * 2 ** pile.failures++)
    setTimeout(() => session.over || this.#open(session, pile), wait).unref()
  }

  #refuse(pile: Pile, cause: Error): void {
    this.#piles.delete(pile.topic)
    const error = new BackplaneError(`NATS has no stream for ${pile.topic}: ${cause.message}`, 'no', { cause })
    for (const { reject } of pile.letters.splice(0)) reject(error)
  }

  /**
   * Sends what waits. In a cluster one at a time: a stream may have changed its place in between, so that one would be
   * refused and the next kept. On one server there is one order.
   */
  #send(session: Session, pile: Pile): void {
    const { letters, found } = pile
    const window = session.clustered ? 1 : letters.length
    while (found && pile.sent < Math.min(window, letters.length)) {
      const letter = letters[pile.sent++] as Letter
      const { node, sequence } = letter.entry
      const headers = this.#parts.headers()
      headers.set('Nats-Msg-Id', `${node}:${sequence}`)
      const token = (++this.#last).toString(36)
      letter.sent = performance.now()
      this.#answers.set(token, { pile, letter })
      session.nc.publish(found.subject, letter.frame, { headers, reply: `${this.#inbox}.${token}` })
    }
  }

  #answer(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1)
    const asked = this.#answers.get(token)
    const session = this.#session
    if (asked === undefined || session === undefined) return
    const { pile, letter } = asked
    // Nobody listens to the subject, so the stream is gone: nothing that was sent to it is kept.
    if (message.data.length === 0) {
      this.#resend(session, pile)
      return
    }
    const { seq, error } = message.json<Answer>()
    if (error && session.clustered && isPassing(error.err_code, error.code)) {
      this.#resend(session, pile)
      return
    }
    this.#answers.delete(token)
    this.#take(pile, letter)
    pile.failures = 0
    if (error) letter.reject(new BackplaneError(`NATS does not keep it: ${error.description}`))
    else if (pile.found === undefined || seq === undefined) letter.resolve(undefined)
    else letter.resolve({ epoch: pile.found.epoch, offset: seq })
    this.#send(session, pile)
  }

  #take(pile: Pile, letter: Letter): void {
    if (pile.letters[0] === letter) pile.letters.shift()
    else pile.letters.splice(pile.letters.indexOf(letter), 1)
    pile.sent--
  }

  /** All that is not acknowledged is sent again, in order, once the stream is there again. */
  #resend(session: Session, pile: Pile): void {
    for (const [token, asked] of this.#answers) if (asked.pile === pile) this.#answers.delete(token)
    for (const letter of pile.letters) letter.sent = undefined
    pile.sent = 0
    pile.found = undefined
    this.#retry(session, pile)
  }

  readonly #look = (): void => {
    const session = this.#session
    if (session === undefined) return
    const now = performance.now()
    for (const pile of this.#piles.values()) {
      const [{ sent } = { sent: undefined }] = pile.letters
      if (sent !== undefined && now - sent > this.#parts.patience) void this.#doubt(session, pile)
      else if (pile.letters.length === 0 && now - pile.used > UNUSED) this.#piles.delete(pile.topic)
    }
  }

  /** When nobody answers but somebody watches the subject, NATS does not say that the stream is gone. */
  async #doubt(session: Session, pile: Pile): Promise<void> {
    const { found } = pile
    if (found === undefined) return
    const isThere = await this.#parts.streams.has(session, found).catch(() => true)
    if (session.over || pile.found !== found) return
    if (!isThere || session.clustered) this.#resend(session, pile)
  }
}

/** True for errors of a cluster that is choosing who has the stream, and of one that is starting. */
const isPassing = (code: number | undefined, status = 0): boolean => status === 503 || code === 10008 || code === 10009
