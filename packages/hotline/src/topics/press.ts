/** Makes publications, and numbers all that happens. */
import type { Catalog } from './catalog.ts'
import { Publication } from './publication.ts'
import type { TopicRules } from './rules.ts'
import type { Shelf } from './shelf.ts'
import { Source } from './source.ts'
import type { Topic } from './topic.ts'

/**
 * Called once for each publication, before anybody gets it: what is written of it is to be made now, since the application
 * may change the data while it is kept. Gives the bytes that it takes; what it throws, `publish` throws.
 */
export type Seal = (publication: Publication) => number

export class Press {
  readonly #seal: Seal
  readonly #catalog: Catalog
  readonly #shelf: Shelf
  /** The number of what happened last. */
  sequence = 0

  constructor(seal: Seal, catalog: Catalog, shelf: Shelf) {
    this.#seal = seal
    this.#catalog = catalog
    this.#shelf = shelf
  }

  /** @throws what the topic's `key` throws, or whoever seals it */
  make(topic: Topic, data: unknown, offset: number | undefined): Publication {
    try {
      const { rules, name } = topic
      const key = keyOf(data, rules)
      const place = { offset, sequence: this.sequence + 1, key }
      const publication = new Publication(name, data, place)
      publication.cost = this.#seal(publication)
      return publication
    } catch (error) {
      this.#catalog.left(topic)
      throw error
    }
  }

  /** It is counted and kept; now it is to be delivered. */
  admit(topic: Topic, publication: Publication, age?: number): void {
    this.sequence++
    topic.counters.published++
    topic.undelivered++
    if (publication.offset !== undefined) this.#shelf.add(topic, publication, age)
  }
}

/** Of which thing it is the news. */
const keyOf = (data: unknown, { slow, key }: TopicRules): string | number | undefined =>
  slow === 'latest' ? key?.(data instanceof Source ? data.value : data) : undefined
