/** The messages of the subprotocol hotline.1 as types. docs/protocol.md specifies them. */

/** The subprotocol with JSON. */
export const PROTOCOL = 'hotline.1'

/** The subprotocol with MessagePack. */
export const PROTOCOL_MSGPACK = 'hotline.1.msgpack'

/** The version that `welcome` says. */
export const VERSION = 1

/** Faults in one line after which it is closed. */
export const MAX_FAULTS = 16

/** Close codes of hotline.1: 4000 + an HTTP status. Those from 4400 to 4499 say that trying again is no use. */
export const WireClose = {
  /** What came is not hotline.1. */
  protocol: 4400,
  /** A token is missing, wrong or too old. */
  unauthorized: 4401,
  forbidden: 4403,
} as const

/**
 * The codes of `error`. New ones may come; the meaning of one never changes.
 *
 * | code | meaning |
 * |---|---|
 * | malformed | a field is missing or wrong |
 * | unknown-type | no message has this type |
 * | duplicate-id | an earlier message with this id is still unanswered |
 * | topic | this is no name of a topic |
 * | denied | this is not permitted |
 * | limit | too many subscriptions, or too many requests unanswered |
 * | already-subscribed | the line has this topic |
 * | not-subscribed | the line does not have this topic |
 * | schema | the data is not what the contract says |
 * | unknown-request | nobody answers requests of this name |
 * | timeout | the answer took too long |
 * | cancelled | it was cancelled |
 * | failed | whoever was to answer failed; the details are in the log of that end |
 * | unavailable | what joins this server with others is away: later it may be done |
 */
export const WireError = {
  malformed: 'malformed',
  unknownType: 'unknown-type',
  duplicateId: 'duplicate-id',
  topic: 'topic',
  denied: 'denied',
  limit: 'limit',
  alreadySubscribed: 'already-subscribed',
  notSubscribed: 'not-subscribed',
  schema: 'schema',
  unknownRequest: 'unknown-request',
  timeout: 'timeout',
  cancelled: 'cancelled',
  failed: 'failed',
  unavailable: 'unavailable',
} as const

/** A place in the history of a topic. */
interface Position {
  /** Names one life of the history: after another one, offsets begin again. */
  readonly epoch: string
  /** That of the last publication that was seen; 0 before the first. */
  readonly offset: number
}

/** Public data of each member, by its key. */
export type Members = Readonly<Record<string, unknown>>

/** Who is in a topic; above the topic's limit only how many. */
interface PresenceState {
  readonly count: number
  readonly members?: Members
}

export interface Subscribe {
  readonly type: 'subscribe'
  readonly id: number
  readonly topic: string
  readonly since?: Position
  readonly last?: number
  readonly presence?: boolean
  readonly every?: number
}

export interface Unsubscribe {
  readonly type: 'unsubscribe'
  readonly id: number
  readonly topic: string
}

export interface Publish {
  readonly type: 'publish'
  readonly id?: number
  readonly topic: string
  readonly data: unknown
  readonly self?: boolean
}

export interface Request {
  readonly type: 'request'
  readonly id: number
  readonly name: string
  readonly data?: unknown
  readonly timeout?: number
}

export interface Cancel {
  readonly type: 'cancel'
  readonly id: number
}

export interface Reply {
  readonly type: 'reply'
  readonly id: number
  readonly data?: unknown
}

/** The name is not `Error`, which is JavaScript's. */
export interface Failure {
  readonly type: 'error'
  readonly id?: number
  readonly code: string
  readonly reason: string
}

interface Ping {
  readonly type: 'ping'
}

interface Welcome {
  readonly type: 'welcome'
  readonly version: number
  readonly heartbeat: number
}

interface Subscribed {
  readonly type: 'subscribed'
  readonly id?: number
  readonly topic: string
  readonly epoch?: string
  readonly offset?: number
  readonly recovered?: boolean
  readonly code?: string
  readonly reason?: string
  readonly presence?: PresenceState
}

interface Unsubscribed {
  readonly type: 'unsubscribed'
  readonly id?: number
  readonly topic: string
  readonly code?: string
  readonly reason?: string
}

interface Published {
  readonly type: 'published'
  readonly id: number
  readonly offset?: number
}

/** A publication as it stands on the wire. */
export interface WirePublication {
  readonly type: 'publication'
  readonly topic: string
  readonly offset?: number
  readonly data: unknown
}

interface Passed {
  readonly type: 'passed'
  readonly topic: string
  readonly count: number
}

interface Presence {
  readonly type: 'presence'
  readonly topic: string
  readonly count: number
  readonly members?: Members
  readonly join?: Members
  readonly leave?: readonly string[]
}

interface Pong {
  readonly type: 'pong'
}

interface Notice {
  readonly type: 'notice'
  readonly code: string
  readonly reason: string
}

interface Retry {
  readonly type: 'retry'
  readonly after: number
}

/** What a client sends. */
export type ClientMessage = Subscribe | Unsubscribe | Publish | Request | Cancel | Reply | Failure | Ping

/** What a server sends. */
export type ServerMessage =
  | Welcome
  | Subscribed
  | Unsubscribed
  | Published
  | WirePublication
  | Passed
  | Presence
  | Request
  | Cancel
  | Reply
  | Failure
  | Pong
  | Retry
  | Notice

/** What stands in the place of a message that cannot be read. It never is on the wire. */
export interface Fault {
  readonly type: 'fault'
  /** After `unreadable` the line cannot go on; the others are codes of `error`. */
  readonly code: 'unreadable' | 'malformed' | 'unknown-type'
  /** That of the message, where it has one. */
  readonly id?: number
  readonly reason: string
}
