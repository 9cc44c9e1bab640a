/** What the status page and its server say to each other, over hotline.1. */
import type { LoopDelay, ServerStats, Traffic } from 'hotline/server'

/** Answers `status/begin`: who it is. */
export interface Beginning {
  readonly version: string
  readonly node: string
  readonly pid: number
  /** Which of those that share the port this line is at; undefined where it is one by itself. */
  readonly worker: number | undefined
  /** Milliseconds since 1970, by the clock of the server. */
  readonly now: number
}

/**
 * `status/pulse` is answered with one of each process, anew about every second. It is asked for, and no topic: topics wait
 * for the backplane, and that is when somebody looks.
 */
export interface Pulse {
  /** 0 where it is one by itself. */
  readonly worker: number
  readonly pid: number
  readonly at: number
  readonly stats: ServerStats
  /** Since the one before. */
  readonly loop: LoopDelay | undefined
  /** Milliseconds of the last answered ping of each socket that has one. */
  readonly roundTrips: { readonly count: number; readonly p50: number; readonly p99: number } | undefined
  readonly process: {
    readonly rss: number
    readonly heap: number
    /** Milliseconds of processor time since its start. */
    readonly cpu: number
  }
}

/** A part of a long list: those that come first, and how many there are. */
export interface Part<T> {
  /** All, and those that fit what is searched. */
  readonly count: number
  readonly found: number
  readonly rows: readonly T[]
}

/** Asks for a part of a list: `status/topics`, `status/sockets`. */
export interface Question<K extends string> {
  readonly sort: K
  /** The largest first. */
  readonly down: boolean
  /** Something that stands in it; '' for all. */
  readonly search: string
  /** Of one of those that share the port; undefined for all. */
  readonly worker: number | undefined
}

export const TOPIC_KEYS = ['name', 'subscribers', 'rate', 'history', 'pending', 'slow', 'dropped'] as const
export type TopicKey = (typeof TOPIC_KEYS)[number]

export interface TopicRow {
  readonly name: string
  readonly subscribers: number
  /** Publications a second, since the look before. Each worker where it is read has all of them, as it has the history. */
  readonly rate: number
  /** Publications that are kept, and their bytes. */
  readonly history: number
  readonly historyBytes: number
  /** Publications that wait, each counted for each reader, and readers for which some do. */
  readonly pending: number
  readonly slow: number
  /** Publications that were passed over, and readers that were disconnected. */
  readonly dropped: number
}

export const SOCKET_KEYS = [
  ...(['id', 'worker', 'address', 'path', 'age'] as const),
  ...(['received', 'sent', 'queued', 'roundTrip'] as const),
] as const
export type SocketKey = (typeof SOCKET_KEYS)[number]

export interface SocketRow {
  /** Among those of its process. */
  readonly id: number
  /** Which process that is; 0 where it is one by itself. */
  readonly worker: number
  readonly address: string
  readonly path: string
  /** Milliseconds. */
  readonly age: number
  /** Messages. */
  readonly received: number
  readonly sent: number
  /** Bytes that wait for the peer. */
  readonly queued: number
  /** Milliseconds of the last answered ping; -1 before. */
  readonly roundTrip: number
}

/** Which socket is meant by `status/socket`. */
export type SocketName = Pick<SocketRow, 'id' | 'worker'>

/** Answers `status/socket`; nothing when there is no such socket any more. */
export interface SocketSheet extends SocketRow {
  readonly state: string
  readonly protocol: string
  readonly extensions: readonly string[]
  readonly origin: string
  readonly agent: string
  readonly traffic: Traffic
  /** Publications that wait for it, and those that were passed over. */
  readonly pending: number
  readonly passedOver: number
  /** The first of them, and how many there are. */
  readonly topics: readonly string[]
  readonly topicCount: number
}
