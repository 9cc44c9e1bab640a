/** What stands beside the messages: the rooms, the people, who is typing, and the state of the line. */
import type { LineState } from 'hotline/client'
import { byId, make } from '../../look/dom.ts'
import { lineWord } from '../../look/words.ts'
import type { Rooms } from '../messages.ts'
import { hueOf, nameTag } from './dom.ts'
import type { Roster } from './roster.ts'
import { APART, plural, typingWord } from './words.ts'

/** The busy rooms, and the one that we are in. Buttons stay what they are: somebody may be about to press one. */
export class RoomList {
  readonly #list = byId('rooms', HTMLElement)
  readonly #enter: (room: string) => void
  readonly #items = new Map<string, RoomItem>()
  #rooms: Rooms = []
  #current = ''

  constructor(enter: (room: string) => void) {
    this.#enter = enter
  }

  take(rooms: Rooms): void {
    this.#rooms = rooms
    this.#show()
  }

  enter(room: string): void {
    this.#current = room
    this.#show()
  }

  #show(): void {
    const known = this.#rooms.some(({ room }) => room === this.#current)
    const rooms = known ? this.#rooms : [{ room: this.#current, count: 0 }, ...this.#rooms]
    const items = rooms.map(({ room, count }) => {
      const item = this.#items.get(room) ?? new RoomItem(room, () => room !== this.#current && this.#enter(room))
      this.#items.set(room, item)
      item.show(count, room === this.#current)
      return item.element
    })
    const names = new Set(rooms.map(({ room }) => room))
    for (const room of this.#items.keys()) if (!names.has(room)) this.#items.delete(room)
    const { children } = this.#list
    if (items.length === children.length && items.every((item, at) => item === children[at])) return
    const focused = document.activeElement
    this.#list.replaceChildren(...items)
    if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus()
  }
}

class RoomItem {
  readonly element: HTMLElement
  readonly #button: HTMLButtonElement
  readonly #count = make('span', 'count')

  constructor(room: string, enter: () => void) {
    this.#button = make('button', 'room', make('bdi', '', room), ' ', this.#count)
    this.#button.type = 'button'
    this.#button.addEventListener('click', enter)
    this.element = make('li', '', this.#button)
  }

  show(count: number, isCurrent: boolean): void {
    this.#count.textContent = `${count}`
    this.#count.title = plural(count, 'person', 'people')
    this.#button.ariaCurrent = isCurrent ? 'true' : null
  }
}

/** Names that are shown; of more, only how many. */
const MOST = 50

export function showPeople({ people }: Roster, count: number, me: string): void {
  const shown = [...people].slice(0, MOST)
  const items = shown.map(([key, name]) => {
    const item = make('li', hueOf(key, key === me), nameTag(name))
    if (key === me) item.append(make('span', 'you', ' (you)'))
    return item
  })
  const more = count - shown.length
  if (more > 0)
    items.push(make('li', 'more', people.size === 0 ? plural(count, 'person', 'people') : `and ${more} more`))
  byId('people', HTMLElement).replaceChildren(...items)
  byId('people-count', HTMLElement).textContent = plural(count, 'person here', 'people here')
}

/** Milliseconds for which one is said to type, after the last sign of it. */
const TYPES = 4_000

export class Typing {
  readonly #line = byId('typing', HTMLElement)
  readonly #until = new Map<string, number>()

  types(name: string): void {
    this.#until.set(name, performance.now() + TYPES)
    this.show()
  }

  /** What was to be said is said, or somebody left. */
  stopped(name: string): void {
    if (this.#until.delete(name)) this.show()
  }

  clear(): void {
    this.#until.clear()
    this.show()
  }

  show(): void {
    const now = performance.now()
    for (const [name, until] of this.#until) if (until <= now) this.#until.delete(name)
    const word = typingWord([...this.#until.keys()])
    if (this.#line.textContent !== word) this.#line.textContent = word
  }
}

/** The state of the line, with the time until the next attempt, which is seen and not read out. */
export class LineBadge {
  readonly #badge = byId('line', HTMLElement)
  readonly #word = byId('line-word', HTMLElement)
  readonly #countdown = byId('countdown', HTMLElement)
  #state: LineState = { status: 'connecting', attempt: 1 }
  #due = 0
  #apart = false

  take(state: LineState): void {
    this.#state = state
    this.#apart = false
    if (state.status === 'waiting') this.#due = performance.now() + state.delay
    this.show()
  }

  /** The server says that it has lost the others, or has them back. */
  apart(is: boolean): void {
    this.#apart = is
    this.show()
  }

  show(): void {
    const { status } = this.#state
    const word = this.#apart ? APART : lineWord(this.#state, navigator.onLine)
    const seconds = Math.max(1, Math.ceil((this.#due - performance.now()) / 1000))
    this.#badge.dataset['status'] = this.#apart ? 'apart' : status
    if (this.#word.textContent !== word) this.#word.textContent = word
    this.#countdown.textContent = status === 'waiting' ? `next attempt in ${seconds} s` : ''
  }
}
