/** The sliders: steps that are worth trying. */
import { byId, say } from '../../look/dom.ts'
import { count } from './format.ts'

const RATES = [0.2, 0.5, 1, 2, 5, 10, 20, 50]
const INTERVALS = [0.2, 0.5, 1, 2, 5, 10, 30]
const CLIENTS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

type Say = (value: number) => string

export class SettingsForm {
  readonly #rate = new Steps('rate', RATES, rate => (rate < 1 ? `one each ${1 / rate} s` : `${rate} a second`))
  readonly #interval = new Steps('interval', INTERVALS, seconds => `one each ${seconds} s`)
  readonly #clients = new Steps('clients', CLIENTS, crowd)

  /** @param changed - called when what is measured changes; `clients` is only computed */
  constructor(changed: () => void, recomputed: () => void) {
    this.#rate.changed = this.#interval.changed = changed
    this.#clients.changed = recomputed
  }

  get rate(): number {
    return this.#rate.value
  }

  /** Milliseconds. */
  get interval(): number {
    return this.#interval.value * 1000
  }

  get clients(): number {
    return this.#clients.value
  }
}

export const crowd: Say = clients => `${count(clients)} client${clients === 1 ? '' : 's'}`

/** A slider over values that are no even distance apart. */
class Steps {
  readonly #slider: HTMLInputElement
  readonly #values: readonly number[]
  readonly #output: HTMLElement
  readonly #text: Say
  changed = (): void => {}

  constructor(id: string, values: readonly number[], text: Say) {
    this.#slider = byId(id, HTMLInputElement)
    this.#output = byId(`${id}-out`, HTMLSpanElement)
    this.#values = values
    this.#text = text
    this.#slider.addEventListener('input', () => {
      this.#show()
      this.changed()
    })
    this.#show()
  }

  get value(): number {
    return this.#values[this.#slider.valueAsNumber] ?? this.#values[0] ?? 1
  }

  #show(): void {
    const text = this.#text(this.value)
    say(this.#output, text)
    this.#slider.setAttribute('aria-valuetext', text)
  }
}
