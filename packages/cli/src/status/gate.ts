/** Asks for the token, and keeps it for this tab: it is in no address and in no storage that outlives the tab. */
import { byId, say } from './dom.ts'

const KEY = 'hotline.status.token'

export class Gate {
  readonly #form = byId('gate', HTMLFormElement)
  readonly #input = byId('token', HTMLInputElement)
  readonly #note = byId('gate-note', HTMLElement)

  /** @param enter - called with what somebody typed, or the address has meanwhile */
  constructor(enter: (token: string) => void) {
    window.addEventListener('hashchange', () => {
      const given = this.#taken()
      if (given !== undefined) this.#pass(given, enter)
    })
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      const token = this.#input.value.trim()
      if (token === '') return
      this.#pass(token, enter)
    })
  }

  /** The token that the log's address has behind its #, or that of before. */
  get known(): string | undefined {
    return this.#taken() ?? sessionStorage.getItem(KEY) ?? undefined
  }

  #pass(token: string, enter: (token: string) => void): void {
    sessionStorage.setItem(KEY, token)
    this.#form.hidden = true
    enter(token)
  }

  /** A token does not stay in the address; the name of a part of the page is none. */
  #taken(): string | undefined {
    const given = location.hash.slice(1)
    if (given === '' || document.getElementById(given) !== null) return undefined
    history.replaceState(undefined, '', location.pathname)
    const token = decoded(given)
    sessionStorage.setItem(KEY, token)
    return token
  }

  /** @param why - what was wrong with the one before */
  open(why?: string): void {
    sessionStorage.removeItem(KEY)
    this.#form.hidden = false
    this.#input.value = ''
    this.#input.setAttribute('aria-invalid', String(why !== undefined))
    if (why !== undefined) {
      say(this.#note, why)
      this.#note.classList.add('wrong')
    }
    this.#input.focus()
  }
}

/** What is no percent-encoding is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
