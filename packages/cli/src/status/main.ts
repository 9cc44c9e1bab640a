/** The status page: what it shows comes over a line of hotline.1, for whoever has the token. */
import type { LineState } from 'hotline/client'
import type { Beginning, Part, Pulse, SocketName, SocketRow, SocketSheet, TopicRow } from '../serve/status/wire.ts'
import { byId, make, say } from './dom.ts'
import { Feed, type FeedOwner } from './feed.ts'
import { Figures } from './figures.ts'
import { Gate } from './gate.ts'
import { History, type Sample } from './history.ts'
import { cells, List, write } from './list.ts'
import { Sheet } from './sheet.ts'
import { ageWord, bytesWord, countWord, lineWord, rateWord, timeWord } from './words.ts'
import { Workers } from './workers.ts'

/** Milliseconds between two looks at the lists, and at the one socket. */
const LOOK = 2_000

class Page implements FeedOwner {
  readonly #gate = new Gate(token => this.#enter(token))
  readonly #board = byId('board', HTMLElement)
  readonly #figures = new Figures()
  readonly #sheet = new Sheet()
  readonly #history = new History()
  readonly #workers = new Workers(() => this.#turn())
  readonly #topics = new List<TopicRow>({
    ...{ table: 'topics', search: 'topics-search', found: 'topics-found', empty: 'Nobody is in any topic.' },
    ask: question => this.#ask<Part<TopicRow>>('status/topics', { ...question, worker: this.#workers.worker }),
    fill: fillTopic,
  })
  readonly #sockets = new List<SocketRow>({
    ...{ table: 'sockets-table', search: 'sockets-search', found: 'sockets-found', empty: 'No socket is open.' },
    ask: question => this.#ask<Part<SocketRow>>('status/sockets', { ...question, worker: this.#workers.worker }),
    fill: (row, element) => this.#fillSocket(row, element),
  })
  #feed: Feed | undefined
  #node = ''
  #chosen: SocketName | undefined
  #samples: readonly Sample[] = []
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
    if (state.status !== 'open') this.#history.lose()
    if (state.status !== 'closed') return
    this.#board.hidden = true
    const { code, reason } = state.end
    this.#gate.open(code === 4401 ? 'This token is not right.' : `The server said no: ${reason || code}.`)
  }

  began({ node, version, pid, worker }: Beginning): void {
    this.#board.hidden = false
    if (this.#node !== node) {
      this.#history.clear()
      this.#workers.restart(worker !== undefined)
    }
    this.#node = node
    const crew = worker === undefined ? '' : ` This line is at worker ${worker}, which asks the others.`
    say(byId('server-word', HTMLElement), `hotline ${version}, process ${pid} of ${node}.${crew}`)
    this.#look()
  }

  pulses(pulses: readonly Pulse[]): void {
    this.#uptime = Math.max(...pulses.map(({ stats }) => stats.uptime))
    this.#samples = this.#history.add(pulses)
    this.#show()
    if (pulses.some(({ stats }) => stats.draining))
      say(byId('line-word', HTMLElement), 'Connected; the server is closing')
    this.#tick()
  }

  /** Another worker was chosen, or all. */
  #turn(): void {
    this.#show()
    this.#look()
  }

  #show(): void {
    const { worker } = this.#workers
    this.#workers.show(this.#samples)
    this.#figures.show(this.#samples, worker)
    this.#figures.draw(this.#history, worker)
  }

  #enter(token: string): void {
    this.#feed?.leave()
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
    const name = this.#chosen
    if (name === undefined) return
    const sheet = await this.#ask<SocketSheet>('status/socket', name)
    if (name === this.#chosen && this.#feed?.isOpen === true) this.#sheet.show(name, sheet)
  }

  #choose(name: SocketName): void {
    this.#chosen = name
    this.#mark()
    void this.#inspect()
  }

  #mark(): void {
    for (const row of this.#sockets.rows) {
      const is = row.dataset['name'] === nameOf(this.#chosen)
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
    const [id, worker, path, address, age, received, sent, queued, roundTrip] = cells(element, SOCKET_CLASSES)
    if (id?.firstElementChild === null) {
      const button = make('button', 'pick')
      button.setAttribute('type', 'button')
      button.addEventListener('click', () => this.#choose(named(element)))
      id.append(button)
    }
    element.dataset['name'] = nameOf(row)
    write(id?.firstElementChild, String(row.id))
    write(worker, String(row.worker))
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

const SOCKET_CLASSES = [
  ...['', 'number wide crew', '', 'wide', 'number wide'],
  ...['number wide', 'number wide', 'number', 'number wide'],
]

const nameOf = (name: SocketName | undefined): string => (name === undefined ? '' : `${name.worker} ${name.id}`)

/** Which socket a row is of. */
function named({ dataset }: HTMLElement): SocketName {
  const [worker = 0, id = 0] = (dataset['name'] ?? '').split(' ').map(Number)
  return { worker, id }
}

new Page()
