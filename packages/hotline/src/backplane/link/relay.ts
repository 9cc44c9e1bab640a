/** Holds the hub for the nodes of other processes. */
import type { Hub } from '../hub.ts'
import { type Asked, type Channel, EVERYBODY, type LinkClock } from './channel.ts'
import { Visitor } from './visitor.ts'

export class Relay {
  readonly #hub: Hub
  readonly #clock: LinkClock
  readonly #leave = new Map<Channel, () => void>()

  constructor(hub: Hub, clock: LinkClock) {
    this.#hub = hub
    this.#clock = clock
  }

  /** Serves the nodes of a process. With `greet` it may be one that has waited for a relay. */
  add(channel: Channel, greet: boolean): void {
    if (this.#leave.has(channel)) return
    const visitors = new Map<number, Visitor>()
    const unlisten = channel.listen(
      ({ end, items }) => {
        let visitor = visitors.get(end)
        if (visitor === undefined) visitors.set(end, (visitor = new Visitor(this.#hub, channel, end, this.#clock)))
        for (const item of items) visitor.hear(item as Asked)
      },
      () => this.#leave.get(channel)?.(),
    )
    this.#leave.set(channel, () => {
      unlisten()
      this.#leave.delete(channel)
      for (const visitor of visitors.values()) visitor.leave()
    })
    if (greet) this.#say(channel, 'here')
  }

  /** Ends it: the nodes are told, and another one may take over. */
  close(): void {
    for (const [channel, leave] of [...this.#leave]) {
      leave()
      this.#say(channel, 'gone')
    }
    this.#hub.close()
  }

  #say(channel: Channel, what: 'here' | 'gone'): void {
    channel.send({ hotline: 'backplane', end: EVERYBODY, items: [[what]] }, () => {})
  }
}
