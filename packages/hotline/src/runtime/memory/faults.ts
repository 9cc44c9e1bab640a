/** What goes wrong on a line, on purpose: a transport that loses, delays, splits, reorders and cuts what one end sends. */
import type { Clock, Timer } from '../../connection/clock.ts'
import { check, resolve, such } from '../../connection/options.ts'
import type { Transport, TransportHandler } from '../../connection/transport.ts'

/**
 * The faults of one direction. A chunk is what an end writes at once: all that one tick sends, whole frames. So a chunk
 * that is dropped or reordered is some messages that are, and the line goes on; what is cut in two frames is not whole.
 */
export interface Faults {
  /**
   * From which all chances come: the same seed has the same faults.
   * @defaultValue 1
   */
  readonly seed?: number
  /**
   * Milliseconds on the pair's clock until a chunk arrives, or the least and the most of them. The order stays.
   * @defaultValue 0
   */
  readonly delay?: number | readonly [least: number, most: number]
  /**
   * The most bytes that arrive together: chunks are split into pieces of 1 to so many bytes, each with its own delay.
   * @defaultValue Infinity
   */
  readonly split?: number
  /**
   * How many of the chunks are lost, from 0 to 1.
   * @defaultValue 0
   */
  readonly drop?: number
  /**
   * How many of the chunks let the next one go first, from 0 to 1. Where none follows within 50 ms, they go then.
   * @defaultValue 0
   */
  readonly reorder?: number
  /**
   * The line is cut once so many bytes have gone over it.
   * @defaultValue Infinity: never
   */
  readonly cutAt?: number
}

/** How long a chunk waits for one that overtakes it. */
const HOLD = 50

const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 2_147_483_647

const isDelay = (value: unknown): boolean =>
  isTime(value) || (Array.isArray(value) && value.length === 2 && value.every(isTime) && value[0] <= value[1])

const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1

const share = such<number>('be a number from 0 to 1', 0, isShare)

const bytes = (least: number) =>
  such<number>(`be bytes from ${least} on`, Number.POSITIVE_INFINITY, value => (value as number) >= least)

const RULES = {
  seed: such<number>('be a whole number', 1, Number.isInteger),
  delay: such<number | readonly [number, number]>('be milliseconds, or the least and the most', 0, isDelay),
  split: bytes(1),
  drop: share,
  reorder: share,
  cutAt: bytes(0),
}

/**
 * The same wire with faults in what is written to it.
 *
 * @throws UsageError for an unknown or wrong fault, by name
 * @example
 * ```ts
 * import { FakeClock, faulty, transportPair } from 'hotline/testing'
 *
 * const clock = new FakeClock()
 * const [near, far] = transportPair()
 * const lame = faulty(near, { delay: [10, 200], split: 3 }, clock)
 * ```
 */
export function faulty(transport: Transport, faults: Faults, clock: Clock): Transport {
  check(faults, RULES as never, 'faults')
  return new FaultyTransport(transport, resolve(faults, RULES) as Required<Faults>, clock)
}

class FaultyTransport implements Transport {
  readonly #inner: Transport
  readonly #faults: Required<Faults>
  readonly #clock: Clock
  readonly #random: () => number
  /** What is on its way, and when the last of it arrives. */
  readonly #coming = new Set<Timer>()
  #lastAt = 0
  /** A chunk that lets the next one go first. */
  #held: { readonly chunk: Uint8Array; readonly timer: Timer } | undefined
  /** Bytes until the cut. */
  #left: number

  constructor(inner: Transport, faults: Required<Faults>, clock: Clock) {
    this.#inner = inner
    this.#faults = faults
    this.#clock = clock
    this.#random = randomOf(faults.seed)
    this.#left = faults.cutAt
  }

  get queued(): number {
    return this.#inner.queued
  }

  open(handler: TransportHandler): void {
    this.#inner.open({
      data: (piece, start, end) => handler.data(piece, start, end),
      written: () => handler.written(),
      ended: () => handler.ended(),
      closed: error => {
        this.#forget()
        handler.closed(error)
      },
    })
  }

  write(pieces: Uint8Array | readonly Uint8Array[]): boolean {
    if (this.#happens(this.#faults.drop)) return true
    const chunk = joined(pieces instanceof Uint8Array ? [pieces] : pieces)
    if (this.#held === undefined && this.#happens(this.#faults.reorder)) {
      this.#held = { chunk, timer: this.#clock.setTimeout(() => this.#release(), HOLD) }
      return true
    }
    this.#send(chunk)
    this.#release()
    return true
  }

  pause(): void {
    this.#inner.pause()
  }

  resume(): void {
    this.#inner.resume()
  }

  end(): void {
    this.#release()
    this.#after(this.#delay(), () => this.#inner.end())
  }

  destroy(): void {
    this.#forget()
    this.#inner.destroy()
  }

  #happens(share: number): boolean {
    return share > 0 && this.#random() < share
  }

  #release(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    held.timer.clear()
    this.#send(held.chunk)
  }

  #send(chunk: Uint8Array): void {
    const { split } = this.#faults
    let start = 0
    while (start < chunk.length) {
      const size = split === Number.POSITIVE_INFINITY ? chunk.length : 1 + Math.floor(this.#random() * split)
      const piece = chunk.subarray(start, start + size)
      this.#after(this.#delay(), () => this.#arrive(piece))
      start += size
    }
  }

  #delay(): number {
    const { delay } = this.#faults
    if (typeof delay === 'number') return delay
    const [least, most] = delay
    return least + Math.floor(this.#random() * (most - least + 1))
  }

  /** In the order of the calls, whatever their delays. */
  #after(ms: number, act: () => void): void {
    const now = this.#clock.now()
    this.#lastAt = Math.max(this.#lastAt, now + ms)
    if (this.#coming.size === 0 && this.#lastAt === now) {
      act()
      return
    }
    const timer = this.#clock.setTimeout(() => {
      this.#coming.delete(timer)
      act()
    }, this.#lastAt - now)
    this.#coming.add(timer)
  }

  #arrive(piece: Uint8Array): void {
    if (piece.length < this.#left) {
      this.#left -= piece.length
      this.#inner.write(piece)
      return
    }
    if (this.#left > 0) this.#inner.write(piece.subarray(0, this.#left))
    this.#left = 0
    this.destroy()
  }

  #forget(): void {
    this.#held?.timer.clear()
    this.#held = undefined
    for (const timer of this.#coming) timer.clear()
    this.#coming.clear()
  }
}

/** A copy: what is on its way must not change. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const chunk = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    chunk.set(piece, at)
    at += piece.length
  }
  return chunk
}

/** Numbers from 0 to 1 that are the same for the same seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
