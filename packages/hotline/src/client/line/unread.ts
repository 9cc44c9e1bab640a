/** What has come and nobody has read: bounded, the oldest go first, and whoever reads waits for the next. */
import { type Deferred, deferred } from '../../connection/deferred.ts'

/** What an item takes beside its bytes: an empty message takes memory too. */
const OWN_SIZE = 64

export class Unread<T> {
  readonly #max: number
  readonly #dropped: (item: T) => void
  /** Newest last; and what came before it, oldest last: to shift a long array moves all that is in it. */
  #items: [item: T, size: number][] = []
  #oldest: [item: T, size: number][] = []
  #size = 0
  readonly #readers: Deferred<T | undefined>[] = []
  #end: { readonly error: Error | undefined } | undefined

  /** @param dropped - told of each item that went because more than `max` waited */
  constructor(max: number, dropped: (item: T) => void) {
    this.#max = max
    this.#dropped = dropped
  }

  push(item: T, size: number): void {
    if (this.#end !== undefined) return
    this.#items.push([item, size + OWN_SIZE])
    this.#size += size + OWN_SIZE
    const reader = this.#readers.shift()
    if (reader !== undefined) this.#give(reader)
    while (this.#size > this.#max) this.#dropped((this.#shift() as [T, number])[0])
  }

  /** Nothing more comes: those who read get what is left, then the end, or the error. True the first time. */
  end(error?: Error): boolean {
    if (this.#end !== undefined) return false
    this.#end = { error }
    for (const reader of this.#readers.splice(0)) this.#give(reader)
    return true
  }

  /** The next item, or undefined when it is over. */
  next(): Promise<T | undefined> {
    const reader = deferred<T | undefined>()
    this.#give(reader)
    return reader.promise
  }

  #give(reader: Deferred<T | undefined>): void {
    const first = this.#shift()
    if (first !== undefined) reader.resolve(first[0])
    else if (this.#end === undefined) this.#readers.push(reader)
    else if (this.#end.error === undefined) reader.resolve(undefined)
    else reader.reject(this.#end.error)
  }

  #shift(): [item: T, size: number] | undefined {
    if (this.#oldest.length === 0) [this.#oldest, this.#items] = [this.#items.reverse(), []]
    const first = this.#oldest.pop()
    this.#size -= first?.[1] ?? 0
    return first
  }
}
