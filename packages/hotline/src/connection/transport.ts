/** The seam of bytes: what a connection needs of TCP, TLS, an HTTP/2 stream or memory. */

/** What a transport tells. Nothing is told before `open`, nothing after `closed`. */
export interface TransportHandler {
  /** Bytes came. They are lent until the call returns, and may be changed. */
  data(bytes: Uint8Array, start: number, end: number): void
  /** Some of what was queued has left. */
  written(): void
  /** The peer will send nothing more. */
  ended(): void
  /** It is over. Called once, last; `error` where the network or the peer cut it. */
  closed(error?: Error): void
}

export interface Transport {
  /** Bytes that were written and that the system has not taken yet. */
  readonly queued: number
  /** Begins to call the handler; nothing is read before. */
  open(handler: TransportHandler): void
  /**
   * Writes the bytes, or the pieces in order and together.
   *
   * @returns true when it does not need their bytes any more; false when they must not be changed again
   */
  write(bytes: Uint8Array | readonly Uint8Array[]): boolean
  /** Stops reading, so that the peer is slowed down. Bytes on their way may still come. */
  pause(): void
  resume(): void
  /** Says, after what was written, that nothing more follows. */
  end(): void
  /** Cuts the wire at once. `closed` follows. */
  destroy(): void
}
