/** What was published, as it was at that moment, in the one form from which all others are written. */

/** Bytes, or text; `json` says that the text is JSON, and not a text that was published as one. */
export class Source {
  readonly text: string
  readonly json: boolean
  readonly bytes: Uint8Array | undefined

  constructor(text: string, json: boolean, bytes?: Uint8Array) {
    this.text = text
    this.json = json
    this.bytes = bytes
  }

  /** What it says. */
  get value(): unknown {
    return this.bytes ?? (this.json ? JSON.parse(this.text) : this.text)
  }
}
