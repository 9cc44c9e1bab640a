/** One line while a case is played on it: what was seen so far, and waiting for more. */
import type { Role } from '../case.ts'
import { Deflater, Inflater } from './deflate.ts'
import type { Ended, Line } from './line.ts'
import type { Parameters } from './parameters.ts'
import { directionOf } from './parameters.ts'
import { preview } from './payload.ts'
import { Reader, type Seen } from './reader.ts'
import type { Transcript } from './transcript.ts'

/** All that the judge is given. */
export interface Observed {
  /** The status and fields of a server's answer. */
  readonly status: number | undefined
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly opened: boolean
  readonly seen: readonly Seen[]
  readonly faults: readonly string[]
  readonly ended: Ended | undefined
  /** The end, or a Close frame, came before the last step was played. */
  readonly early: boolean
  /** The suite began the closing handshake, behind the last step. */
  readonly asked: boolean
  /** What the peer does not have and the case needs. */
  readonly lacks: string | undefined
}

type Waiter = () => void

export class Exchange implements Observed {
  /** The end under test. */
  readonly role: Role
  readonly line: Line
  readonly transcript: Transcript
  readonly seen: Seen[] = []
  readonly faults: string[] = []
  /** How many have come. */
  readonly counts = { messages: 0, pongs: 0 }
  readonly #waiters = new Set<Waiter>()
  #due: number
  status: number | undefined
  fields: ReadonlyMap<string, readonly string[]> = new Map()
  opened = false
  early = false
  asked = false
  played = false
  closeSent = false
  lacks: string | undefined
  deflater: Deflater | undefined

  constructor(role: Role, line: Line, transcript: Transcript, deadline: number) {
    this.role = role
    this.line = line
    this.transcript = transcript
    this.#due = performance.now() + deadline
    line.onEnd = () => this.#ending()
  }

  /** From now on it has so many milliseconds. */
  extend(deadline: number): void {
    this.#due = performance.now() + deadline
  }

  /** It has so many milliseconds from now on at least. */
  allow(milliseconds: number): void {
    this.#due = Math.max(this.#due, performance.now() + milliseconds)
  }

  get ended(): Ended | undefined {
    return this.line.ended
  }

  get close(): (Seen & { kind: 'close' }) | undefined {
    return this.seen.find(event => event.kind === 'close')
  }

  /** It has ended, or will because the peer said so. */
  get over(): boolean {
    return this.ended !== undefined || this.close !== undefined
  }

  fault(text: string): void {
    if (!this.faults.includes(text)) this.faults.push(text)
    this.transcript.add('note', `fault: ${text}`)
  }

  /** From now on what comes are frames. */
  open(agreed: Parameters | undefined, early: Buffer): void {
    const suite: Role = this.role === 'server' ? 'client' : 'server'
    this.opened = true
    if (agreed) this.deflater = new Deflater(directionOf(suite, agreed))
    const reader = new Reader({
      masked: this.role === 'client',
      inflater: agreed && new Inflater(directionOf(this.role, agreed)),
      seen: event => this.#see(event),
      fault: text => this.fault(text),
    })
    const changed = this.line.onEnd
    this.line.onChunk = chunk => {
      reader.push(chunk)
      this.changed()
    }
    this.line.onEnd = () => {
      if (this.close === undefined) reader.end()
      changed()
    }
    this.line.onChunk(early)
  }

  /** Resolves when it holds, or to false when the deadline, or so many milliseconds, have passed. */
  until(holds: () => boolean, milliseconds = Number.POSITIVE_INFINITY): Promise<boolean> {
    const left = Math.max(0, Math.min(milliseconds, this.#due - performance.now()))
    if (holds()) return Promise.resolve(true)
    return new Promise(resolve => {
      const done = (held: boolean): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        resolve(held)
      }
      const waiter = (): void => {
        if (holds()) done(true)
      }
      const timer = setTimeout(done, left, false)
      this.#waiters.add(waiter)
    })
  }

  changed(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }

  #ending(): void {
    if (!this.played) this.early = true
    this.changed()
  }

  #see(event: Seen): void {
    this.seen.push(event)
    if (event.kind === 'text' || event.kind === 'binary') this.counts.messages++
    if (event.kind === 'pong') this.counts.pongs++
    if (event.kind === 'close' && !this.played) this.early = true
    this.transcript.add('note', inWords(event))
  }
}

function inWords(event: Seen): string {
  if (event.kind === 'close') return `the peer sends Close ${event.code} ${JSON.stringify(event.reason)}`
  const compressed = 'compressed' in event && event.compressed ? ', compressed' : ''
  return `the peer sends a ${event.kind}${compressed}, ${preview(event.data, event.kind === 'text')}`
}
