/** What went over the wire, in hex and in words, as much of it as a report can show. */

/** Bytes of each entry that are kept. */
const KEPT = 64
/** Bytes of each end that are kept first, so that the heads of both can be read. */
const KEPT_FIRST = 512
const MAX_ENTRIES = 100
/** Characters of the words of each entry; a message in a thousand frames has many. */
const MAX_WORDS = 300

export interface Entry {
  /** Who sent it; `note` is neither's. */
  readonly from: 'suite' | 'peer' | 'note'
  /** Milliseconds since the start of the case. */
  readonly at: number
  readonly words: string
  /** The first bytes. */
  readonly hex: string
  readonly size: number
}

export class Transcript {
  readonly entries: Entry[] = []
  readonly #start = performance.now()
  readonly #first = { suite: KEPT_FIRST, peer: KEPT_FIRST, note: 0 }
  /** Entries for which there was no room. */
  omitted = 0

  get elapsed(): number {
    return performance.now() - this.#start
  }

  add(from: Entry['from'], words: string, bytes: Uint8Array = new Uint8Array()): void {
    if (this.entries.length >= MAX_ENTRIES) {
      this.omitted++
      return
    }
    const hex = Buffer.from(bytes.subarray(0, Math.max(KEPT, this.#first[from]))).toString('hex')
    this.#first[from] -= hex.length / 2
    const at = Math.round(this.elapsed * 10) / 10
    const told = words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)} …` : words
    this.entries.push({ from, at, words: told, hex, size: bytes.length })
  }
}
