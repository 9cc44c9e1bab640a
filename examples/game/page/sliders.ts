/** The sliders that make the network worse. */
import { byId, say } from '../../look/dom.ts'
import type { Weather } from './weather.ts'

const UNITS = { latency: 'ms', jitter: 'ms', loss: '%' } as const
type Name = keyof typeof UNITS
const NAMES = ['latency', 'jitter', 'loss'] as const

export class Sliders {
  readonly #changed: (weather: Weather) => void

  constructor(changed: (weather: Weather) => void) {
    this.#changed = changed
    for (const name of NAMES) slider(name).addEventListener('input', () => this.#tell())
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-weather]'))
      button.addEventListener('click', () => this.#set(button.dataset['weather'] ?? ''))
    for (const name of NAMES) show(name)
  }

  get weather(): Weather {
    const [latency, jitter, loss] = NAMES.map(name => slider(name).valueAsNumber)
    return { latency, jitter, loss }
  }

  #set(preset: string): void {
    const values = preset.split(' ')
    NAMES.forEach((name, i) => {
      slider(name).value = values[i]
    })
    this.#tell()
  }

  #tell(): void {
    for (const name of NAMES) show(name)
    this.#changed(this.weather)
  }
}

const slider = (name: Name): HTMLInputElement => byId(name, HTMLInputElement)

/** Beside the slider, and for who hears it. */
function show(name: Name): void {
  const text = `${slider(name).value} ${UNITS[name]}`
  say(`${name}-out`, text)
  slider(name).setAttribute('aria-valuetext', text)
}
