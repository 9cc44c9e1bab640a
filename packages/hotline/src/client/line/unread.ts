/** What has come and nobody has read: bounded, the oldest go first, and whoever reads waits for the next. */

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: Error): void
}

/** What an item takes beside its bytes: an empty message takes memory too. */
const OWN_SIZE = 64

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

export class Unread<T> {
  readonly #max: number
  readonly #dropped: (item: T) => void
  #items: [item: T, size: number][] = []
  #size = 0
  readonly #readers: Reader<T>[] = []
  #end: { readonly error: Error | undefined } | undefined

  /** @param dropped - told of each item that went because more than `max` waited */
  constructor(max: number, dropped: (item: T) => void) {
    this.#max = max
    this.#dropped = dropped
  }

  push(item: T, size: number): void {
    if (this.#end !== undefined) return
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      reader.resolve({ done: false, value: item })
      return
    }
    this.#items.push([item, size + OWN_SIZE])
    this.#size += size + OWN_SIZE
    while (this.#size > this.#max) this.#dropped((this.#shift() as [T, number])[0])
  }

  /** Nothing more comes: those who read get what is left, then the end, or the error. True the first time. */
  end(error?: Error): boolean {
    if (this.#end !== undefined) return false
    this.#end = { error }
    for (const reader of this.#readers.splice(0)) {
      if (error === undefined) reader.resolve(DONE)
      else reader.reject(error)
    }
    return true
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const first = this.#shift()
    if (first !== undefined) return Promise.resolve({ done: false, value: first[0] })
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error)
    if (this.#end !== undefined) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
  }

  #shift(): [item: T, size: number] | undefined {
    const first = this.#items.shift()
    this.#size -= first?.[1] ?? 0
    return first
  }
}
