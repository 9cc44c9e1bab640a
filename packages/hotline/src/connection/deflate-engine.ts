/** The seam of compression: what a runtime gives, a message at a time. RFC 1951, RFC 7692 §7.2.1, §7.2.2 */

/** How messages are deflated. */
export interface DeflateForm {
  /** Size of the window as a power of two, 8 to 15. */
  readonly windowBits: number
  /** zlib's level, 1 to 9. */
  readonly level: number
}

/** How a message is inflated. */
export interface InflateForm {
  /** Size of the window as a power of two, 8 to 15. */
  readonly windowBits: number
  /** What went before, oldest first, as far as the window goes. */
  readonly history: readonly Uint8Array[]
}

/**
 * Raw DEFLATE. A payload ends with an empty stored block, whose last four bytes are left out; it is undefined where it
 * would not be smaller than the message. What is not promised later is lent until the next call.
 */
export interface DeflateEngine {
  /** Refers to nothing that went before, and is not referred to. */
  deflate(data: string | Uint8Array, form: DeflateForm): Uint8Array | undefined
  deflateLater(data: string | Uint8Array, form: DeflateForm): Promise<Uint8Array | undefined>
  /** For messages that refer to those before. */
  deflater(form: DeflateForm): Deflater
  /** Bytes of memory that such a one takes. */
  deflaterSize(form: DeflateForm): number
  /**
   * @throws LimitError when there are more than `limit` bytes, which is checked while inflating
   * @throws ProtocolError for what is not DEFLATE, or ends in the middle of it
   */
  inflate(payload: Uint8Array, form: InflateForm, limit: number): Uint8Array
  inflateLater(payload: Uint8Array, form: InflateForm, limit: number): Promise<Uint8Array>
}

/** Deflates the messages of one line. RFC 7692 §7.2.3.2 */
export interface Deflater {
  /** As `DeflateEngine.deflate`; a message that would not be smaller is not referred to, nor is what went before. */
  deflate(data: string | Uint8Array): Uint8Array | undefined
  /** Forgets what went before. */
  reset(): void
  /** Gives the memory back. */
  close(): void
}
