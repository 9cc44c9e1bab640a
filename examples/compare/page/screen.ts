/** What the page shows of each way. */
import { byId, say } from '../../look/dom.ts'
import { LANES, type Lane } from '../words.ts'
import type { Figures } from './figures.ts'
import { age, bits, count, perSecond } from './format.ts'

const TITLES: Readonly<Record<Lane, string>> = {
  polling: 'Polling',
  'long-polling': 'Long polling',
  sse: 'Server-sent events',
  websocket: 'WebSocket',
}

/** Makes the list and the rows of the table. */
export class Screen {
  readonly #lanes = new Map<Lane, HTMLElement>()
  readonly #rows = new Map<Lane, readonly HTMLElement[]>()

  constructor() {
    const template = byId('lane', HTMLTemplateElement)
    for (const lane of LANES) {
      const item = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement
      item.dataset['lane'] = lane
      this.#lanes.set(lane, item)
      this.#part(lane, 'title', TITLES[lane])
      byId('lanes', HTMLUListElement).append(item)
      this.#rows.set(lane, row(TITLES[lane]))
    }
  }

  show(lane: Lane, figures: Figures, clients: number): void {
    const known = (value: number | undefined, as: (value: number) => string): string =>
      value === undefined ? '–' : as(value)
    this.#part(lane, 'p50', known(figures.p50, age))
    this.#part(lane, 'p99', known(figures.p99, age))
    this.#part(lane, 'bytes', known(figures.bytes, count))
    this.#part(lane, 'opening', figures.opening === 0 ? '–' : count(figures.opening))
    this.#part(lane, 'requests', count(figures.requests))
    this.#part(lane, 'received', count(figures.received))
    this.#part(lane, 'late', count(figures.late))
    this.#part(lane, 'missed', count(figures.missed))
    const [wire, requests] = this.#rows.get(lane) ?? []
    if (wire)
      say(
        wire,
        known(figures.bytesPerSecond, value => bits(value * clients)),
      )
    if (requests)
      say(
        requests,
        known(figures.requestsPerSecond, value => perSecond(value * clients)),
      )
  }

  /** Why a lane does not work; undefined when it does. */
  state(lane: Lane, trouble: string | undefined): void {
    this.#part(lane, 'state', trouble ?? '')
  }

  #part(lane: Lane, name: string, text: string): void {
    const part = this.#lanes.get(lane)?.querySelector(`[data-part="${name}"]`)
    if (part) say(part, text)
  }
}

/** A row of the table with two cells to fill. */
function row(title: string): readonly HTMLElement[] {
  const row = byId('crowd', HTMLTableSectionElement).insertRow()
  const head = document.createElement('th')
  head.scope = 'row'
  head.textContent = title
  row.append(head)
  return [row.insertCell(), row.insertCell()]
}
