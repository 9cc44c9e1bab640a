/** The table of all stocks: what can be seen is drawn once a frame, the rest now and then, and the order does not jump. */
import { byId, say } from '../../look/dom.ts'
import { ink } from './dom.ts'
import { compare, isKey, type Order, turned } from './order.ts'
import type { Stock } from './quotes.ts'
import { Row } from './row.ts'
import type { Inks } from './spark.ts'

/** Milliseconds between two looks at the rows that cannot be seen, and at the order. */
const REST = 1_000

export interface TableOwner {
  /** Somebody wants to see this one large. */
  chose(stock: Stock): void
  /** There is something to be drawn. */
  stale(): void
}

export class Table {
  readonly #frame = byId('rows-frame', HTMLElement)
  readonly #body = byId('rows', HTMLTableSectionElement)
  readonly #filter = byId('filter', HTMLInputElement)
  readonly #heads = [...document.querySelectorAll<HTMLTableCellElement>('th[data-key]')]
  readonly #rows = new Map<string, Row>()
  readonly #seen = new Set<Row>()
  readonly #watch: IntersectionObserver
  readonly #owner: TableOwner
  #shown: Row[] = []
  #order: Order = { key: 'symbol', down: false }
  #current: Row | undefined
  #rested = 0
  #inks: Inks = { up: '', down: '', rule: '' }

  constructor(owner: TableOwner) {
    this.#owner = owner
    this.#watch = new IntersectionObserver(entries => this.#looked(entries), { root: this.#frame, rootMargin: '60px' })
    for (const head of this.#heads) head.querySelector('button')?.addEventListener('click', () => this.#sort(head))
    this.#filter.addEventListener('input', () => this.#arrange())
    this.#body.addEventListener('click', event => this.#clicked(event))
    this.#body.addEventListener('keydown', event => this.#key(event))
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint())
    this.#paint()
  }

  /** A stock that was not there before. */
  add(stock: Stock): void {
    const row = new Row(stock)
    this.#rows.set(stock.symbol, row)
    this.#watch.observe(row.element)
  }

  /** All are there. */
  listed(): void {
    for (const row of this.#rows.values()) row.stale = true
    this.#rested = 0
    this.#arrange()
  }

  changed(symbol: string): void {
    const row = this.#rows.get(symbol)
    if (row !== undefined) row.stale = true
  }

  /** Marks the one that is shown large. */
  mark(symbol: string): void {
    for (const row of this.#rows.values()) {
      const is = row.stock.symbol === symbol
      row.button.setAttribute('aria-pressed', String(is))
      row.element.classList.toggle('is-chosen', is)
      if (is && this.#current === undefined) this.#stand(row)
    }
  }

  /** How old each row is: what stands there for those that can be seen, what would for the others. */
  ages(now: number): number[] {
    const ageOf = (row: Row): number => Math.max(0, now - (this.#seen.has(row) ? row.at : row.stock.quote.at))
    return Array.from(this.#rows.values(), ageOf)
  }

  /** In a frame. */
  draw(now: number): void {
    for (const row of this.#seen) if (row.stale) row.draw(true, this.#inks, now)
    if (now - this.#rested < REST) return
    this.#rested = now
    for (const row of this.#rows.values()) if (row.stale) row.draw(false, this.#inks, now)
    if (this.#order.key !== 'symbol' && !this.#isPointedAt) this.#arrange()
  }

  /** Nobody wants to miss what they are about to press. */
  get #isPointedAt(): boolean {
    return this.#body.matches(':hover') || this.#body.contains(document.activeElement)
  }

  #looked(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const row = this.#rows.get((target as HTMLElement).dataset['symbol'] ?? '')
      if (row === undefined) continue
      if (!isIntersecting) this.#seen.delete(row)
      else {
        this.#seen.add(row)
        row.stale = true
      }
    }
    this.#owner.stale()
  }

  #sort(head: HTMLTableCellElement): void {
    const { key } = head.dataset
    if (!isKey(key)) return
    this.#order = turned(this.#order, key)
    for (const other of this.#heads) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', this.#order.down ? 'descending' : 'ascending')
    this.#frame.scrollTop = 0
    this.#arrange()
  }

  /** Puts the rows into their order. What stands right already is not touched. */
  #arrange(): void {
    const words = this.#filter.value.trim().toLowerCase().slice(0, 100)
    this.#shown = [...this.#rows.values()].filter(({ stock }) => stock.fits(words))
    this.#shown.sort((a, b) => compare(a.stock, b.stock, this.#order))
    const shown = new Set(this.#shown)
    for (const row of this.#rows.values()) if (!shown.has(row)) row.element.remove()
    this.#shown.forEach(({ element }, place) => {
      const there = this.#body.children[place]
      if (there !== element) this.#body.insertBefore(element, there ?? null)
    })
    if (this.#current === undefined || !shown.has(this.#current)) this.#stand(this.#shown[0])
    const { size } = this.#rows
    const found = this.#shown.length
    say(
      byId('found', HTMLElement),
      words === '' || size === 0 ? '' : found === 0 ? 'None is called that.' : `${found} of ${size}`,
    )
  }

  #clicked({ target }: Event): void {
    const symbol = target instanceof Element ? target.closest('tr')?.dataset['symbol'] : undefined
    const row = this.#rows.get(symbol ?? '')
    if (row === undefined) return
    this.#stand(row)
    this.#owner.chose(row.stock)
  }

  #key(event: KeyboardEvent): void {
    const place = this.#current === undefined ? -1 : this.#shown.indexOf(this.#current)
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + 10, PageUp: place - 10, Home: 0, End: 1e9 }
    const next = to[event.key as keyof typeof to]
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const row = this.#shown[Math.max(0, Math.min(next, this.#shown.length - 1))]
    this.#stand(row)
    row?.button.focus({ preventScroll: true })
    row?.element.scrollIntoView({ block: 'nearest' })
  }

  /** The keyboard comes to this one. */
  #stand(row: Row | undefined): void {
    if (this.#current !== undefined) this.#current.button.tabIndex = -1
    this.#current = row
    if (row !== undefined) row.button.tabIndex = 0
  }

  #paint(): void {
    this.#inks = { up: ink('--green'), down: ink('--red'), rule: ink('--rule') }
    for (const row of this.#rows.values()) row.forgetTrend()
    this.#owner.stale()
  }
}
