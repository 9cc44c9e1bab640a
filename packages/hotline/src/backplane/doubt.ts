/** Publications of which the engine does not know what became of them, though it is there: they are looked at a moment later. */
import type { TopicsClock } from '../topics/subscriber.ts'
import type { Parcel } from './parcel.ts'

/** Milliseconds after which that is, when the engine does not say meanwhile that it was away. */
const MOMENT = 1000

export class Doubt {
  readonly #clock: TopicsClock
  readonly #resolve: (parcels: readonly Parcel[]) => void
  readonly #parcels = new Set<Parcel>()
  #timer: { clear(): void } | undefined

  constructor(clock: TopicsClock, resolve: (parcels: readonly Parcel[]) => void) {
    this.#clock = clock
    this.#resolve = resolve
  }

  get size(): number {
    return this.#parcels.size
  }

  add(parcel: Parcel): void {
    this.#parcels.add(parcel)
    this.#timer ??= this.#clock.setTimeout(() => {
      const parcels = [...this.#parcels]
      this.end()
      this.#resolve(parcels)
    }, MOMENT)
  }

  /** There is none about this one. */
  delete(parcel: Parcel): void {
    this.#parcels.delete(parcel)
  }

  /** There is none any more. */
  end(): void {
    this.#timer?.clear()
    this.#timer = undefined
    this.#parcels.clear()
  }
}
