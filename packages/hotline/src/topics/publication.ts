/** One thing that was published, the same object for all who get it. */

/** What is written for it is made once, under a key of whoever writes. */
export class Publication {
  readonly topic: string
  /** Whoever seals it may take it away, and keep what is written of it. */
  data: unknown
  /** Its place in the history of its topic, from 1 on; undefined where there is no history. */
  readonly offset: number | undefined
  /** @internal Its place among all publications. */
  readonly sequence: number
  /** @internal Of which thing it is the news: see `TopicRules.key`. */
  readonly key: string | number | undefined
  /** @internal Bytes that it takes while it is kept. */
  cost = 0
  #forms: Map<object, unknown> | undefined

  constructor(
    topic: string,
    data: unknown,
    place: { offset?: number | undefined; sequence: number; key?: string | number | undefined },
  ) {
    this.topic = topic
    this.data = data
    this.offset = place.offset
    this.sequence = place.sequence
    this.key = place.key
  }

  /** What `make` makes of it, once for each `make`: frames, say, that many sockets share. */
  form<T>(make: (publication: Publication) => T): T {
    this.#forms ??= new Map()
    if (!this.#forms.has(make)) this.#forms.set(make, make(this))
    return this.#forms.get(make) as T
  }
}
