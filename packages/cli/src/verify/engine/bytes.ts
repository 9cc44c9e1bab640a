/** Bytes that have come and are not read yet. */
export class Bytes {
  #chunks: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** The first so many, which stay. */
  peek(size: number): Buffer {
    const first = this.#chunks[0]
    if (first !== undefined && first.length >= size) return first.subarray(0, size)
    return this.#joined().subarray(0, size)
  }

  /** The first so many, which go. */
  take(size: number): Buffer {
    const taken = this.peek(size)
    const first = this.#chunks[0]
    if (first !== undefined) this.#chunks[0] = first.subarray(taken.length)
    if (this.#chunks[0]?.length === 0) this.#chunks.shift()
    this.#length -= taken.length
    return taken
  }

  all(): Buffer {
    return this.take(this.#length)
  }

  #joined(): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }
}
