/** What happened, in order, with the time since the client began. */
import { make } from '../../../../examples/look/dom.ts'
import type { SocketEvent } from './client.ts'

export type EntryKind = SocketEvent | 'sent' | 'console' | 'note'

/** Older entries go when there are more. */
const MOST = 500

export class Timeline {
  readonly #list: HTMLElement
  #start = performance.now()
  /** False while the reader has scrolled up. */
  #following = true

  constructor(list: HTMLElement) {
    this.#list = list
    list.addEventListener('scroll', () => {
      this.#following = list.scrollHeight - list.scrollTop - list.clientHeight < 8
    })
  }

  /** Forgets everything; time begins anew. */
  clear(): void {
    this.#list.replaceChildren()
    this.#start = performance.now()
    this.#following = true
  }

  /** Adds an entry; content that is not known yet comes into it later. */
  add(kind: EntryKind, label: string, facts: string, content: string | Promise<string> = ''): void {
    const time = make('time', 'when', sinceText(performance.now() - this.#start))
    const shown = make('code', 'content')
    this.#list.append(
      make('li', `entry ${kind}`, time, make('span', 'label', label), make('span', 'facts', facts), shown),
    )
    if (this.#list.childElementCount > MOST) this.#list.firstElementChild?.remove()
    if (typeof content === 'string') this.#fill(shown, content)
    else content.then(text => this.#fill(shown, text))
  }

  #fill(element: HTMLElement, text: string): void {
    element.textContent = text
    if (this.#following) this.#list.scrollTop = this.#list.scrollHeight
  }
}

function sinceText(milliseconds: number): string {
  if (milliseconds < 9_999.5) return `${Math.round(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(1)} s`
}
