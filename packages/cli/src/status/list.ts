/** A table of the first rows of a long list: sorted by its heads, searched, and asked for again and again. */
import type { Part, Question } from '../serve/status/wire.ts'
import { byId, say } from './dom.ts'
import { countWord } from './words.ts'

export interface ListParts<R> {
  /** Of the table, of its search and of the word beside it. */
  readonly table: string
  readonly search: string
  readonly found: string
  /** What stands there when there is nothing: at all, and of what is searched. */
  readonly empty: string
  ask(question: Omit<Question<string>, 'worker'>): Promise<Part<R> | undefined>
  /** One row, made or filled anew. */
  fill(row: R, element: HTMLTableRowElement): void
}

/** Milliseconds without a key after which is searched. */
const SETTLED = 200

export class List<R extends object> {
  readonly #parts: ListParts<R>
  readonly #heads: HTMLTableCellElement[]
  readonly #body: HTMLTableSectionElement
  readonly #empty: HTMLElement
  readonly #search: HTMLInputElement
  #sort: string
  #down: boolean
  #asked = 0
  #settling = 0

  constructor(parts: ListParts<R>) {
    this.#parts = parts
    const table = byId(parts.table, HTMLTableElement)
    this.#heads = [...table.querySelectorAll<HTMLTableCellElement>('th[data-key]')]
    this.#body = table.tBodies[0] as HTMLTableSectionElement
    this.#empty = table.parentElement?.querySelector('.empty') as HTMLElement
    this.#search = byId(parts.search, HTMLInputElement)
    const sorted = this.#heads.find(head => head.ariaSort !== null)
    this.#sort = sorted?.dataset['key'] ?? ''
    this.#down = sorted?.ariaSort === 'descending'
    for (const head of this.#heads) head.querySelector('button')?.addEventListener('click', () => this.#turn(head))
    this.#search.addEventListener('input', () => {
      window.clearTimeout(this.#settling)
      this.#settling = window.setTimeout(() => void this.refresh(), SETTLED)
    })
  }

  /** Asks, and shows the answer unless something else was asked for meanwhile. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked
    const part = await this.#parts.ask({ sort: this.#sort, down: this.#down, search: this.#search.value })
    if (part !== undefined && asked === this.#asked) this.#show(part)
  }

  get rows(): HTMLCollectionOf<HTMLTableRowElement> {
    return this.#body.rows
  }

  #turn(head: HTMLTableCellElement): void {
    const key = head.dataset['key'] ?? ''
    // Numbers begin with the largest, words with a.
    this.#down = key === this.#sort ? !this.#down : head.classList.contains('number')
    this.#sort = key
    for (const one of this.#heads) one.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', this.#down ? 'descending' : 'ascending')
    void this.refresh()
  }

  /** The rows that stand there are filled anew, so that the focus stays where it is. */
  #show({ count, found, rows }: Part<R>): void {
    while (this.#body.rows.length > rows.length) this.#body.deleteRow(-1)
    for (const [index, row] of rows.entries()) {
      this.#parts.fill(row, this.#body.rows[index] ?? this.#body.insertRow())
    }
    const rest = found - rows.length
    const shown = rest > 0 ? `the first ${rows.length}, and ${countWord(rest)} more` : countWord(found)
    const word = count === 0 ? '' : found === count ? shown : `${shown} of ${countWord(count)}`
    say(byId(this.#parts.found, HTMLElement), word)
    this.#empty.hidden = rows.length > 0
    say(this.#empty, count === 0 ? this.#parts.empty : 'Nothing is called that.')
  }
}

/** Cells of a row, made once. */
export function cells(element: HTMLTableRowElement, classes: readonly string[]): HTMLTableCellElement[] {
  if (element.cells.length === 0) {
    for (const [index, name] of classes.entries()) {
      const cell = document.createElement(index === 0 ? 'th' : 'td')
      if (cell.tagName === 'TH') cell.scope = 'row'
      cell.className = name
      element.append(cell)
    }
  }
  return [...element.cells]
}

/** What does not fit is there for whoever points at it. */
export function write(element: Element | null | undefined, text: string): void {
  if (!element || element.textContent === text) return
  element.textContent = text
  if (element instanceof HTMLTableCellElement) element.title = text.length > 14 ? text : ''
}
