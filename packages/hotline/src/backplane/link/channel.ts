/** What processes with a relay between them say to each other: a channel, and what is sent over it. */
import type { HistoryRules } from '../../topics/rules.ts'
import type { TopicsClock } from '../../topics/subscriber.ts'

/** Carries values to another process, in order, bytes as bytes. */
export interface Channel {
  /** `sent` is called when the system has taken it, and never inside of the call. What cannot be sent any more is dropped. */
  send(envelope: Envelope, sent: () => void): void
  /** Begins to listen; what it returns ends that. `closed` is called once, when the other process is gone. */
  listen(hear: (envelope: Envelope) => void, closed: () => void): () => void
}

export interface LinkClock extends TopicsClock {
  /** Calls back once, after all that is ready to run now. */
  afterTick(callback: () => void): void
}

/** One message: what was said in one tick. */
export interface Envelope {
  readonly hotline: 'backplane'
  /** Which of the ends in the process of a node it is from or for. */
  readonly end: number
  readonly items: readonly Item[]
}

/** The `end` of what is for all ends of a process. */
export const EVERYBODY = 0

/** A number that the node gives: of a consumption, or of what it waits for an answer to. */
type Id = number
export type Rules = readonly [size: number, age: number, bytes: number] | undefined
export type Packed = readonly [node: string, sequence: number, body: Uint8Array, offset: number]

/** What a node says. Its numbers of the link grow: with `attach`, all that was before it on the link is over. */
export type Asked =
  | readonly ['attach', link: number, probe: Uint8Array]
  | readonly ['consume', Id, topic: string, Rules]
  | readonly ['watch', Id, pattern: string]
  | readonly ['attendance', Id, topic: string]
  | readonly ['end', Id]
  | readonly ['publish', Id, topic: string, Rules, node: string, sequence: number, body: Uint8Array]
  | readonly ['attend', Id, topic: string, node: string, attendance: Uint8Array | undefined]
  | readonly ['ping']
  | readonly ['bye']

/** What the relay says. */
export type Told =
  | readonly ['here']
  | readonly ['gone']
  | readonly ['welcome', link: number]
  | readonly ['unfit', reason: string]
  | readonly ['begun', Id]
  /** A part of what the next `state` ends with. */
  | readonly ['page', Id, entries: readonly Packed[]]
  | readonly ['state', Id, epoch: string, offset: number]
  | readonly ['kept', Id, Packed]
  | readonly ['passed', Id, node: string, sequence: number, body: Uint8Array]
  | readonly ['sign', Id, topic: string, node: string, sequence: number, body: Uint8Array]
  | readonly ['word', Id, node: string, attendance: Uint8Array | undefined]
  | readonly ['done', Id, epoch?: string, offset?: number]
  | readonly ['pong']
  | readonly ['bye']

export type Item = Asked | Told

export const packRules = (history: HistoryRules | undefined): Rules =>
  history && [history.size, history.age, history.bytes]

export const unpackRules = (rules: Rules): HistoryRules | undefined =>
  rules && { size: rules[0], age: rules[1], bytes: rules[2] }

export const isEnvelope = (message: unknown): message is Envelope =>
  typeof message === 'object' && message !== null && 'hotline' in message && message.hotline === 'backplane'

/** Bodies are views of what came at once: one that is kept must not keep all of that. */
export const own = (body: Uint8Array): Uint8Array =>
  body.buffer.byteLength > 2 * body.byteLength + 1024 ? new Uint8Array(body) : body
