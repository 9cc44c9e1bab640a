/** What one line, or all of them, have carried. */

/** One figure for each direction, as this end sees it. */
export interface BothWays {
  readonly received: number
  readonly sent: number
}

/** What has come and gone since a line was opened. */
export interface Traffic {
  /** Whole messages; pings, pongs and closes are none. */
  readonly messages: BothWays
  /** Bytes of frames on the wire, with their headers, compressed where they are; not those of the handshake, and of TLS. */
  readonly bytes: BothWays
}
