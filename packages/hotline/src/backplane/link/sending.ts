/** What waits to be sent over a channel: what is said in one tick goes in one message, and a few messages at a time. */
import type { Channel, Item, LinkClock } from './channel.ts'

/** Bytes that one message holds, unless one item alone has more. */
const MESSAGE = 262_144
/** Messages that the system may have and not have taken yet. */
const AT_ONCE = 2
/** Bytes that an item takes beside its bodies. */
const ITEM = 64

export class Sending {
  readonly #channel: Channel
  readonly #end: number
  readonly #clock: LinkClock
  readonly #drained: () => void
  #items: { readonly item: Item; readonly cost: number }[] = []
  #going = 0
  #due = false
  /** Bytes that wait. */
  bytes = 0

  /** `drained` is called when nothing waits any more. */
  constructor(channel: Channel, end: number, clock: LinkClock, drained: () => void = () => {}) {
    this.#channel = channel
    this.#end = end
    this.#clock = clock
    this.#drained = drained
  }

  push(item: Item, bytes = 0): void {
    const cost = ITEM + bytes
    this.#items.push({ item, cost })
    this.bytes += cost
    this.#schedule()
  }

  /** Nothing of what waits is sent any more. */
  clear(): void {
    this.#items = []
    this.bytes = 0
  }

  #schedule(): void {
    if (this.#due || this.#going >= AT_ONCE) return
    this.#due = true
    this.#clock.afterTick(() => {
      this.#due = false
      this.#flush()
    })
  }

  #flush(): void {
    let at = 0
    while (this.#going < AT_ONCE && at < this.#items.length) {
      const from = at
      for (let bytes = 0; at < this.#items.length; at++) {
        const { cost } = this.#items[at] as { cost: number }
        if (at > from && bytes + cost > MESSAGE) break
        bytes += cost
        this.bytes -= cost
      }
      this.#going++
      const items = this.#items.slice(from, at).map(({ item }) => item)
      this.#channel.send({ hotline: 'backplane', end: this.#end, items }, this.#sent)
    }
    this.#items.splice(0, at)
    if (at > 0 && this.#items.length === 0) this.#drained()
  }

  readonly #sent = (): void => {
    this.#going--
    if (this.#items.length > 0) this.#flush()
  }
}
