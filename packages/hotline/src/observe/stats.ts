/** What a server says of itself. */
import type { Histogram } from './histogram.ts'
import type { HandshakeOutcome } from './tally.ts'

/** Received and sent, as this end sees it. */
interface BothWays {
  readonly received: number
  readonly sent: number
}

/** Bytes of messages that were compressed: what they are, and what they were on the wire. */
interface Compressed {
  readonly plain: number
  readonly wire: number
}

/** How late the process comes to what is due. Milliseconds, over the last thirty to sixty seconds. */
export interface LoopDelay {
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** The state of what joins this server with others. */
export interface BackplaneStats {
  /** What it is, without credentials. */
  readonly name: string
  readonly up: boolean
  /** How often it was lost. */
  readonly downs: number
  /** Publications of this server that are not stored yet. */
  readonly pending: number
  /**
   * Milliseconds from `publish` to where it is delivered on this server: of the last one that came back, or so far of the
   * oldest that is not stored yet, where that is longer. Undefined before the first.
   */
  readonly lag: number | undefined
}

/**
 * The figures of a server at one moment. What counts goes up for as long as the server lives: two looks and the time between
 * them make a rate.
 */
export interface ServerStats {
  /** Milliseconds since the server was made. */
  readonly uptime: number
  readonly draining: boolean
  readonly sockets: {
    /** Open, or closing. */
    readonly open: number
    /** Ever opened. */
    readonly opened: number
    /** Of those that are open: more than `highMark` waits for the peer. */
    readonly slow: number
    /** Of those that are open: reading waits for the application. */
    readonly paused: number
  }
  /** How handshakes ended; `deciding` are those that `authorize` still works on. */
  readonly handshakes: Readonly<Record<HandshakeOutcome, number>>
  readonly deciding: number
  /** Whole messages of all lines that were ever open. */
  readonly messages: BothWays
  /** Bytes of frames on the wire, with their headers, compressed where they are. */
  readonly bytes: BothWays
  readonly compressed: { readonly received: Compressed; readonly sent: Compressed }
  /** What waits now. */
  readonly queued: {
    /** Bytes for all peers, and the most for one of them. */
    readonly bytes: number
    readonly most: number
    /** Publications of topics, each counted for each reader. */
    readonly publications: number
  }
  /** Publications that were passed over by the policies of topics, and readers that were disconnected. */
  readonly drops: { readonly 'drop-oldest': number; readonly latest: number; readonly disconnect: number }
  /** By code: those of the standard by themselves, `3xxx` and `4xxx` together, and `other`. */
  readonly closes: Readonly<Record<string, number>>
  /** Limits that were passed, by the option that sets them. */
  readonly limits: Readonly<Record<string, number>>
  /** What the application's code threw, by the phase that `report` is given. */
  readonly errors: Readonly<Record<string, number>>
  /** Of answered pings: those of the heartbeat, of `ping()`, and those that readers of `latest` topics are asked for. */
  readonly roundTrips: Histogram
  /** Undefined at the first look, with which measuring begins. */
  readonly loop: LoopDelay | undefined
  readonly topics: {
    /** That somebody or something is in. */
    readonly count: number
    readonly subscriptions: number
    /** Publications, and how often one was sent to a reader. */
    readonly published: number
    readonly delivered: number
    /** Bytes of all histories. */
    readonly historyBytes: number
  }
  /** Undefined for a server by itself. */
  readonly backplane: BackplaneStats | undefined
}
