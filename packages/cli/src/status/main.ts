/** The status page: what it shows comes over a line of hotline.1, for whoever has the token. */
import type { LineState } from 'hotline/client'
import type { Beginning, Part, Pulse, SocketRow, SocketSheet, TopicRow } from '../serve/status/wire.ts'
import { byId, make, say } from './dom.ts'
import { Feed, type FeedOwner } from './feed.ts'
import { Figures } from './figures.ts'
import { Gate } from './gate.ts'
import { cells, List } from './list.ts'
import { Sheet } from './sheet.ts'
import { ageWord, bytesWord, countWord, lineWord, rateWord, timeWord } from './words.ts'

/** Milliseconds between two looks at the lists, and at the one socket. */
const LOOK = 2_000

class Page implements FeedOwner {
  readonly #gate = new Gate(token => this.#enter(token))
  readonly #board = byId('board', HTMLElement)
  readonly #figures = new Figures()
  readonly #sheet = new Sheet()
  readonly #topics = new List<TopicRow>({
    ...{ table: 'topics', search: 'topics-search', found: 'topics-found', empty: 'Nobody is in any topic.' },
    ask: question => this.#ask<Part<TopicRow>>('status/topics', question),
    fill: fillTopic,
  })
  readonly #sockets = new List<SocketRow>({
    ...{ table: 'sockets-table', search: 'sockets-search', found: 'sockets-found', empty: 'No socket is open.' },
    ask: question => this.#ask<Part<SocketRow>>('status/sockets', question),
    fill: (row, element) => this.#fillSocket(row, element),
  })
  #feed: Feed | undefined
  #node = ''
  #chosen: number | undefined
  #state: LineState | undefined
  #since = 0
  #uptime = 0

  constructor() {
    const token = this.#gate.known
    if (token === undefined) this.#gate.open()
    else this.#enter(token)
    window.setInterval(() => this.#look(), LOOK)
    window.setInterval(() => this.#tick(), 500)
    document.addEventListener('visibilitychange', () => this.#look())
  }

  // FeedOwner

  status(state: LineState): void {
    this.#state = state
    this.#since = performance.now()
    byId('line', HTMLElement).dataset['status'] = state.status
    this.#board.classList.toggle('is-old', state.status !== 'open')
    say(byId('line-word', HTMLElement), lineWord(state, navigator.onLine))
    this.#tick()
    if (state.status !== 'open') this.#figures.lose()
    if (state.status !== 'closed') return
    this.#board.hidden = true
    const { code, reason } = state.end
    this.#gate.open(code === 4401 ? 'This token is not right.' : `The server said no: ${reason || code}.`)
  }

  began({ node, version, pid, worker }: Beginning): void {
    this.#board.hidden = false
    if (this.#node !== node) this.#figures.restart()
    this.#node = node
    const alone =
      worker === undefined ? '' : ` It is worker ${worker}, and the figures are its own; /metrics has those of all.`
    say(byId('server-word', HTMLElement), `hotline ${version}, process ${pid} of ${node}.${alone}`)
    this.#look()
  }

  pulse(pulse: Pulse): void {
    this.#uptime = pulse.stats.uptime
    this.#figures.show(pulse)
    if (pulse.stats.draining) say(byId('line-word', HTMLElement), 'Connected; the server is closing')
    this.#tick()
  }

  #enter(token: string): void {
    this.#feed = new Feed(token, this)
  }

  #ask<T>(name: string, data: unknown): Promise<T | undefined> {
    return this.#feed?.ask<T>(name, data) ?? Promise.resolve(undefined)
  }

  /** Not while nobody can see it. */
  #look(): void {
    if (document.hidden || this.#feed?.isOpen !== true) return
    void this.#topics.refresh()
    void this.#sockets.refresh()
    void this.#inspect()
  }

  async #inspect(): Promise<void> {
    const id = this.#chosen
    if (id === undefined) return
    const sheet = await this.#ask<SocketSheet>('status/socket', id)
    if (id === this.#chosen && this.#feed?.isOpen === true) this.#sheet.show(id, sheet)
  }

  #choose(id: number): void {
    this.#chosen = id
    this.#mark()
    void this.#inspect()
  }

  #mark(): void {
    for (const row of this.#sockets.rows) {
      const is = row.dataset['id'] === String(this.#chosen)
      row.classList.toggle('is-chosen', is)
      row.querySelector('button')?.setAttribute('aria-pressed', String(is))
    }
  }

  /** What changes with time. */
  #tick(): void {
    const state = this.#state
    const more = byId('line-more', HTMLElement)
    if (state?.status === 'waiting') {
      const left = Math.max(1, Math.ceil((state.delay - (performance.now() - this.#since)) / 1_000))
      say(more, `back in ${left} s at the latest; what stands here was its last`)
    } else say(more, state?.status === 'open' && this.#uptime > 0 ? `up for ${ageWord(this.#uptime)}` : '')
  }

  #fillSocket(row: SocketRow, element: HTMLTableRowElement): void {
    const all = cells(element, ['', '', 'wide', 'number wide', 'number wide', 'number wide', 'number', 'number wide'])
    const [id, path, address, age, received, sent, queued, roundTrip] = all
    if (id?.firstElementChild === null) {
      const button = make('button', 'pick')
      button.setAttribute('type', 'button')
      button.addEventListener('click', () => this.#choose(Number(element.dataset['id'])))
      id.append(button)
    }
    element.dataset['id'] = String(row.id)
    write(id?.firstElementChild, String(row.id))
    write(path, row.path)
    write(address, row.address)
    write(age, ageWord(row.age))
    write(received, countWord(row.received))
    write(sent, countWord(row.sent))
    write(queued, bytesWord(row.queued))
    write(roundTrip, row.roundTrip < 0 ? '–' : timeWord(row.roundTrip))
    this.#mark()
  }
}

function fillTopic(row: TopicRow, element: HTMLTableRowElement): void {
  const all = cells(element, ['', 'number', 'number', 'number wide', 'number wide', 'number wide', 'number wide'])
  const [name, subscribers, rate, history, pending, slow, dropped] = all
  write(name, row.name)
  write(subscribers, countWord(row.subscribers))
  write(rate, rateWord(row.rate))
  write(history, row.history === 0 ? '–' : countWord(row.history))
  write(pending, countWord(row.pending))
  write(slow, countWord(row.slow))
  write(dropped, countWord(row.dropped))
  slow?.classList.toggle('is-bad', row.slow > 0)
}

/** What does not fit is there for whoever points at it. */
function write(element: Element | null | undefined, text: string): void {
  if (!element || element.textContent === text) return
  element.textContent = text
  if (element instanceof HTMLTableCellElement) element.title = text.length > 14 ? text : ''
}

new Page()
