/** The messages on the screen: each once, the newest so many, and where the new ones begin. */
import { byId, make } from '../../look/dom.ts'
import type { Said } from '../messages.ts'
import type { ErrandState } from './errands.ts'
import { Known, keyOf } from './known.ts'
import type { Me } from './line.ts'
import { type Choices, messageOf, ownMessage, showFate, showPicture, showProgress } from './message.ts'
import type { Own } from './room.ts'
import { plural } from './words.ts'

/** Messages and notices on the screen. */
const MOST = 300
/** Milliseconds between two messages of one person that stand together. */
const TOGETHER = 300_000
/** Pixels from the end within which one reads what comes. */
const NEAR = 48

export class Log {
  readonly #root = byId('log', HTMLElement)
  readonly #said = byId('said', HTMLElement)
  readonly #own = byId('own', HTMLElement)
  readonly #newer = byId('newer', HTMLButtonElement)
  readonly #messages = new Map<string, HTMLElement>()
  readonly #waiting = new Map<string, HTMLElement>()
  readonly #known = new Known()
  #last: Said | undefined
  #unread = 0
  #isLive = false

  constructor() {
    this.#root.addEventListener('scroll', () => this.#look())
    document.addEventListener('visibilitychange', () => this.#look())
    this.#newer.addEventListener('click', () => {
      this.#toEnd()
      this.#root.focus()
    })
  }

  clear(): void {
    for (const message of this.#said.children) forget(message)
    this.#said.replaceChildren()
    this.#own.replaceChildren()
    for (const known of [this.#messages, this.#waiting, this.#known]) known.clear()
    this.#last = undefined
    this.#isLive = false
    this.#root.ariaLive = 'off'
    this.#read()
  }

  /** What comes from now on is read out, and counts as new. */
  live(): void {
    this.#isLive = true
    this.#root.ariaLive = 'polite'
  }

  /** False when it is there already. */
  said(said: Said, me: Me): boolean {
    if (!this.#known.add(said)) return false
    const key = keyOf(said)
    const mine = said.who === me.key
    const last = this.#last
    const more = last?.who === said.who && said.at - last.at < TOGETHER && said.at >= last.at
    this.#last = said
    const message = messageOf(said, mine, more)
    this.#messages.set(key, message)
    if (mine) this.forgetOwn(said.id)
    else if (this.#isLive && !this.#isRead) this.#count(message)
    this.#append(message, mine)
    return true
  }

  /** A word of the page's own between the messages. */
  notice(text: string, kind: 'coming' | 'back' | 'gap'): void {
    this.#last = undefined
    this.#append(make('p', `notice ${kind}`, text), false)
  }

  /** What is ours and not in the room yet, and what became of it. */
  own(own: Own, me: Me, state: ErrandState, why: string | undefined, choices: Choices): void {
    if (state === 'done' || this.#known.has({ who: me.key, id: own.id })) {
      this.forgetOwn(own.id)
      return
    }
    let message = this.#waiting.get(own.id)
    if (message === undefined) {
      message = ownMessage(own, me)
      this.#waiting.set(own.id, message)
      this.#own.append(message)
      this.#toEnd()
    }
    showFate(message, state, why, choices)
  }

  forgetOwn(id: string): void {
    this.#waiting.get(id)?.remove()
    this.#waiting.delete(id)
  }

  progress(who: string, id: string, part: number): void {
    const message = this.#waiting.get(id) ?? this.#messages.get(keyOf({ who, id }))
    if (message !== undefined) showProgress(message, part)
  }

  picture({ who, id }: Said, url: string): void {
    const message = this.#messages.get(keyOf({ who, id }))
    if (message === undefined) URL.revokeObjectURL(url)
    else showPicture(message, url)
  }

  noPicture({ who, id }: Said, why: string): void {
    const figure = this.#messages.get(keyOf({ who, id }))?.querySelector('figure')
    figure?.replaceChildren(make('figcaption', '', why))
  }

  get #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#root
    return scrollHeight - scrollTop - clientHeight < NEAR
  }

  get #isRead(): boolean {
    return this.#isAtEnd && document.visibilityState === 'visible'
  }

  #append(element: HTMLElement, mine: boolean): void {
    const follow = mine || this.#isAtEnd
    this.#said.append(element)
    while (this.#said.children.length > MOST) this.#dropOldest()
    if (follow) this.#toEnd()
  }

  #dropOldest(): void {
    const oldest = this.#said.firstElementChild
    if (oldest === null) return
    forget(oldest)
    oldest.remove()
    for (const [key, message] of this.#messages) {
      if (message === oldest) this.#messages.delete(key)
      break
    }
  }

  /** One more that nobody has seen; before the first of them there is a line. */
  #count(message: HTMLElement): void {
    if (this.#unread++ === 0) {
      this.#said.querySelector('.first-new')?.classList.remove('first-new')
      message.classList.add('first-new')
    }
    this.#tell()
  }

  #look(): void {
    if (this.#unread > 0 && this.#isRead) this.#read()
  }

  #read(): void {
    this.#unread = 0
    this.#tell()
  }

  #tell(): void {
    this.#newer.hidden = this.#unread === 0
    this.#newer.textContent = `${plural(this.#unread, 'new message', 'new messages')} ↓`
    document.title = document.title.replace(/^(\(\d+\) )?/, this.#unread === 0 ? '' : `(${this.#unread}) `)
  }

  #toEnd(): void {
    this.#root.scrollTop = this.#root.scrollHeight
    this.#look()
  }
}

/** What a message held beside itself. */
function forget(message: Element): void {
  for (const { src } of message.querySelectorAll('img')) URL.revokeObjectURL(src)
}
