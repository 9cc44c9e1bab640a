/** The seam of compression: what a runtime gives, a message at a time. RFC 1951, RFC 7692 §7.2.1, §7.2.2 */

/** How one message is deflated or inflated. */
export interface DeflateCall {
  /** Size of the window as a power of two, 8 to 15. */
  readonly windowBits: number
  /** What went before, as far as the window goes; undefined when nothing is remembered. */
  readonly dictionary: Uint8Array | undefined
}

/** Raw DEFLATE, a message at a time; a runtime gives it. RFC 1951, RFC 7692 §7.2.1, §7.2.2 */
export interface DeflateEngine {
  /** Ends with an empty stored block, whose last four bytes are left out. */
  deflate(data: Uint8Array, call: DeflateCall, level: number): Uint8Array
  deflateLater(data: Uint8Array, call: DeflateCall, level: number): Promise<Uint8Array>
  /**
   * @throws LimitError when there are more than `limit` bytes, which is checked while inflating
   * @throws ProtocolError for what is not DEFLATE
   */
  inflate(data: Uint8Array, call: DeflateCall, limit: number): Uint8Array
  inflateLater(data: Uint8Array, call: DeflateCall, limit: number): Promise<Uint8Array>
}
