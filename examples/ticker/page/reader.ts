/** How this reader reads: the state of its line, its pace, and what that costs and spares. */
import type { LineState } from 'hotline/client'
import { byId, say } from '../../look/dom.ts'
import { bytesWord, countWord, lineWord } from '../../look/words.ts'
import type { Ages } from './ages.ts'
import type { Offset } from './clock.ts'
import { canReadSlowly } from './slow.ts'
import { percentile, Samples, Tally } from './tally.ts'
import { ageWord, paceWord } from './words.ts'

/** Milliseconds between two batches that one may ask for. */
const PACES = [0, 100, 250, 500, 1_000, 2_000]

/** Milliseconds without a change after which the slider is where it should be. */
const SETTLED = 150

export interface ReaderOwner {
  pace(every: number): void
  slow(isSlow: boolean): void
}

/** Messages that the slow reader reads a second. */
export const SLOWLY = 250

export class Reader {
  readonly received = new Tally()
  readonly passed = new Tally()
  readonly bytes = new Tally()
  readonly #samples = new Samples()
  readonly #ages: Ages
  #state: LineState = { status: 'connecting', attempt: 1 }
  #since = 0
  #more = ''
  #settling = 0

  constructor(ages: Ages, owner: ReaderOwner) {
    this.#ages = ages
    const pace = byId('pace', HTMLInputElement)
    pace.addEventListener('input', () => this.#sayPace(pace))
    pace.addEventListener('change', () => this.#settle(() => owner.pace(PACES[pace.valueAsNumber] ?? 0)))
    const slow = byId('slow', HTMLInputElement)
    slow.disabled = !canReadSlowly()
    slow.addEventListener('change', () => owner.slow(slow.checked))
    this.sayHow(false)
  }

  /** What a browser allows. */
  sayHow(isSlow: boolean): void {
    const text = !canReadSlowly()
      ? 'Not in this browser: by WebSocket a page cannot read slowly, since the browser reads for it. Chromium has WebSocketStream, which can.'
      : isSlow
        ? `Only ${SLOWLY} messages a second now. The browser holds some seconds of them for us, so prices are as old as that; what is more is passed over. Ask for less, and they are fresh again.`
        : `Takes only ${SLOWLY} messages a second, by WebSocketStream. With WebSocket no page can: the browser reads for it.`
    say('slow-note', text)
  }

  status(state: LineState): void {
    if (state.status === 'open' && this.#state.status !== 'open') this.#more = ''
    this.#state = state
    this.#since = performance.now()
    byId('line', HTMLElement).dataset['status'] = state.status
    byId('floor', HTMLElement).classList.toggle('is-old', state.status !== 'open')
    say('line-word', lineWord(state, navigator.onLine))
    this.tick()
  }

  /** The line is back, and all prices are known again. */
  recovered(away: number): void {
    this.#more = `after ${ageWord(away)}: all prices were read anew`
    this.tick()
  }

  /** What changes with time. */
  tick(): void {
    const { status } = this.#state
    const waits = status === 'waiting' ? this.#state.delay - (performance.now() - this.#since) : 0
    const text =
      status === 'waiting'
        ? `back in ${Math.max(1, Math.ceil(waits / 1_000))} s at the latest; the prices are as they were`
        : this.#more
    say('line-more', text)
  }

  /** How old the rows are now. */
  look(ages: readonly number[]): void {
    this.#samples.add(performance.now(), ages)
  }

  /** Some times a second: what was measured. */
  show({ give }: Offset): void {
    this.tick()
    const ages = this.#samples.sorted()
    const now = performance.now()
    const rate = (tally: Tally, word: (count: number) => string): string => {
      const rate = tally.rate(now)
      return rate === undefined ? '–' : word(rate)
    }
    say('received', rate(this.received, countWord))
    say('passing', rate(this.passed, countWord))
    say('passed', countWord(this.passed.all))
    say('bytes', rate(this.bytes, bytesWord))
    const [half, most] = [percentile(ages, 0.5), percentile(ages, 0.99)]
    say('age-half', half === undefined ? '–' : ageWord(half))
    say('age-most', most === undefined ? '–' : ageWord(most))
    this.#ages.add(half, most)
    const known = Number.isFinite(give) ? `The server’s clock is known to ±${give.toFixed(1)} ms.` : ''
    say('clock', known)
  }

  /** Not each stop on the way is meant. */
  #settle(act: () => void): void {
    window.clearTimeout(this.#settling)
    this.#settling = window.setTimeout(act, SETTLED)
  }

  #sayPace(pace: HTMLInputElement): void {
    const word = paceWord(PACES[pace.valueAsNumber] ?? 0)
    pace.setAttribute('aria-valuetext', word)
    say('pace-word', word)
  }
}
