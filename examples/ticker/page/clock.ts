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

/** How far two clocks may drift apart: a tenth of a millisecond each second, which is more than most do. */
const DRIFT = 1e-4

/** How well a probe says how far apart the clocks are: half of its way there and back, and what clocks have drifted since. */
const giveOf = ({ asked, answered }: Probe, now: number): number => (answered - asked) / 2 + (now - answered) * DRIFT

/** What it says: the server's clock was read in the middle, give or take. */
export const offsetOf = (probe: Probe, now: number): Offset => ({
  ahead: probe.server - (probe.asked + probe.answered) / 2,
  give: giveOf(probe, now),
})

/** The one of two that is known better. */
export const better = (a: Probe, b: Probe, now: number): Probe => (giveOf(a, now) < giveOf(b, now) ? a : b)

/** Our own clock, which does not jump when somebody sets that of the machine. */
const here = (): number => performance.timeOrigin + performance.now()

export class ServerClock {
  #best: Probe | undefined
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
    const probe = { asked, server, answered: here() }
    this.#best = better(probe, this.#best ?? probe, probe.answered)
    this.#offset = offsetOf(this.#best, probe.answered)
  }

  /** It is another server, or may be: the next answer counts, whatever was known. */
  forget(): void {
    this.#best = undefined
  }
}
