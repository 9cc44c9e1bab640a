/** What time it is at the server: asked over the line, and known no better than the way there and back takes. */

/** One question and its answer, in milliseconds. */
export interface Probe {
  readonly asked: number
  readonly answered: number
  /** The server's clock, somewhere between. */
  readonly server: number
}

/** So much our clock is behind the server's, at most `give` more or less. */
export interface Offset {
  readonly ahead: number
  readonly give: number
}

/** The one that came back soonest says the most: the server's clock was read in half of that time, give or take. */
export function offsetOf(probes: readonly Probe[]): Offset | undefined {
  const trip = ({ asked, answered }: Probe): number => answered - asked
  const [best] = probes.toSorted((a, b) => trip(a) - trip(b))
  return best && { ahead: best.server - (best.asked + best.answered) / 2, give: trip(best) / 2 }
}

/** Our own clock, which does not jump when somebody sets that of the machine. */
export const here = (): number => performance.timeOrigin + performance.now()

/** Questions that count; older ones are forgotten, since clocks drift apart. */
const REMEMBERED = 8

export class ServerClock {
  #probes: Probe[] = []
  #offset: Offset = { ahead: 0, give: Number.POSITIVE_INFINITY }

  get offset(): Offset {
    return this.#offset
  }

  now(): number {
    return here() + this.#offset.ahead
  }

  /** Asks once. */
  async probe(ask: () => Promise<number>): Promise<void> {
    const asked = here()
    const server = await ask()
    this.#probes = [...this.#probes, { asked, server, answered: here() }].slice(-REMEMBERED)
    this.#offset = offsetOf(this.#probes) ?? this.#offset
  }

  /** It is another server, or may be. */
  forget(): void {
    this.#probes = []
  }
}
