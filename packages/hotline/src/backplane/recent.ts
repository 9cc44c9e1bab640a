/** What has been seen of each topic: of those that are open, and of as many more, since signs of them may come late. */
import { Seen } from './seen.ts'

const MOST = 10_000

export class Recent {
  readonly #topics = new Map<string, Seen>()

  of(topic: string): Seen {
    const seen = this.#topics.get(topic) ?? new Seen()
    this.#topics.delete(topic)
    this.#topics.set(topic, seen)
    if (this.#topics.size > MOST) {
      for (const oldest of this.#topics.keys()) {
        this.#topics.delete(oldest)
        break
      }
    }
    return seen
  }
}
