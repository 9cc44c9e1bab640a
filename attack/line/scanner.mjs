/** Walks over the frames that a server sends, at little cost: payloads of data are skipped unless somebody wants them. */

/** @typedef {(first: number, payload: Buffer | undefined, length: number) => void} Sink */

export class Scanner {
  #sink
  #keep
  /** What came of a header that is not whole. */
  #rest = Buffer.alloc(0)
  #first = 0
  #length = 0
  /** Bytes of the payload that have not come. */
  #missing = 0
  /** @type {Buffer[] | undefined} */
  #parts

  /** @param {Sink} sink @param {boolean} keep whether data is handed over too, not only control frames */
  constructor(sink, keep) {
    this.#sink = sink
    this.#keep = keep
  }

  /** @param {Buffer} chunk */
  feed(chunk) {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = Buffer.alloc(0)
    while (bytes.length > 0) {
      if (this.#missing > 0) bytes = this.#payload(bytes)
      else {
        const size = headerOf(bytes)
        if (bytes.length < size) {
          this.#rest = Buffer.from(bytes)
          return
        }
        this.#header(bytes, size)
        bytes = bytes.subarray(size)
      }
    }
  }

  /** @param {Buffer} bytes @param {number} size */
  #header(bytes, size) {
    const short = bytes[1] & 127
    this.#first = bytes[0]
    this.#length = size === 2 ? short : size === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    this.#missing = this.#length
    this.#parts = this.#keep || this.#first & 8 ? [] : undefined
    if (this.#length === 0) this.#end()
  }

  /** @param {Buffer} bytes */
  #payload(bytes) {
    const part = bytes.subarray(0, this.#missing)
    this.#parts?.push(part)
    this.#missing -= part.length
    if (this.#missing === 0) this.#end()
    return bytes.subarray(part.length)
  }

  #end() {
    this.#sink(this.#first, this.#parts && Buffer.concat(this.#parts), this.#length)
  }
}

/** Bytes of the header that begins here; at least 2. @param {Buffer} bytes */
function headerOf(bytes) {
  const short = (bytes[1] ?? 0) & 127
  return short === 127 ? 10 : short === 126 ? 4 : 2
}
