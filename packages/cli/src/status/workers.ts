/** The processes that share the port: one row each, and all together, of which one is chosen for all that stands below. */
import { byId, make, say } from './dom.ts'
import type { Sample } from './history.ts'
import { cells, write } from './list.ts'
import { together } from './together.ts'
import { bytesWord, countWord, rateWord, timeWord } from './words.ts'

const CLASSES = [
  ...['', 'number wide', 'number', 'number', 'number'],
  ...['number wide', 'number wide', 'number wide', 'number wide'],
]

export class Workers {
  readonly #chosen: (worker: number | undefined) => void
  readonly #rows = new Map<number, HTMLTableRowElement>()
  #worker: number | undefined

  /** @param chosen - called when somebody chooses one, or all */
  constructor(chosen: (worker: number | undefined) => void) {
    this.#chosen = chosen
  }

  /** The one that was chosen; undefined for all. */
  get worker(): number | undefined {
    return this.#worker
  }

  /** Other processes: those of before are not known here. */
  restart(isCrew: boolean): void {
    byId('board', HTMLElement).classList.toggle('is-crew', isCrew)
    byId('workers-panel', HTMLElement).hidden = !isCrew
    for (const row of this.#rows.values()) row.remove()
    this.#rows.clear()
    this.#worker = undefined
  }

  show(samples: readonly Sample[]): void {
    const sorted = samples.toSorted((a, b) => a.pulse.worker - b.pulse.worker)
    if (sorted.length === 0 || sorted[0]?.pulse.worker === 0) return
    this.#fill(0, sorted)
    for (const sample of sorted) this.#fill(sample.pulse.worker, [sample])
    const heard = new Set(samples.map(({ pulse }) => pulse.worker))
    const silent = [...this.#rows.keys()].filter(worker => worker !== 0 && !heard.has(worker))
    for (const [worker, row] of this.#rows) row.classList.toggle('is-silent', silent.includes(worker))
    const word = silent.length === 0 ? '' : `; no answer of worker ${silent.join(', ')}`
    say(byId('workers-found', HTMLElement), `${countWord(samples.length)}${word}`)
  }

  #fill(worker: number, samples: readonly Sample[]): void {
    const { stats, rates, loop, rss } = together(samples)
    const [, pid, sockets, received, sent, queued, cpu, memory, late] = cells(this.#row(worker), CLASSES)
    write(pid, worker === 0 ? '' : String(samples[0]?.pulse.pid))
    write(sockets, countWord(stats.sockets.open))
    write(received, rates ? rateWord(rates.received) : '–')
    write(sent, rates ? rateWord(rates.sent) : '–')
    write(queued, bytesWord(stats.queued.bytes))
    write(cpu, rates ? `${rateWord(rates.cpu * 100)} %` : '–')
    write(memory, bytesWord(rss))
    write(late, loop ? timeWord(loop.p99) : '–')
  }

  /** In the order of their numbers. */
  #row(worker: number): HTMLTableRowElement {
    const known = this.#rows.get(worker)
    if (known !== undefined) return known
    const body = byId('workers', HTMLTableElement).tBodies[0] as HTMLTableSectionElement
    const before = [...this.#rows.keys()].filter(number => number < worker).length
    const row = body.insertRow(before)
    this.#rows.set(worker, row)
    const button = make('button', 'pick', worker === 0 ? 'All' : `Worker ${worker}`)
    button.type = 'button'
    button.addEventListener('click', () => this.#choose(worker === 0 ? undefined : worker))
    cells(row, CLASSES)[0]?.append(button)
    this.#mark()
    return row
  }

  #choose(worker: number | undefined): void {
    this.#worker = worker
    this.#mark()
    this.#chosen(worker)
  }

  #mark(): void {
    for (const [worker, row] of this.#rows) {
      const is = worker === (this.#worker ?? 0)
      row.classList.toggle('is-chosen', is)
      row.querySelector('button')?.setAttribute('aria-pressed', String(is))
    }
  }
}
