/** Time, as everything above the protocol is given it, so that tests own it. */

/** A timer that was set. */
export interface Timer {
  clear(): void
}

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number
  /** Calls back once after so many milliseconds. It does not keep the process alive. */
  setTimeout(callback: () => void, ms: number): Timer
  /** Calls back once, as soon as this call and every promise reaction that is ready have run. */
  soon(callback: () => void): void
  /** Calls back once, after all that is ready to run now and before the next wait for events. */
  afterTick(callback: () => void): void
}
