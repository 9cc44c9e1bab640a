/** Asks for the token, and keeps it for this tab: it is in no address and in no storage that outlives the tab. */
import { byId, say } from './dom.ts'

const KEY = 'hotline.status.token'

export class Gate {
  readonly #form = byId('gate', HTMLFormElement)
  readonly #input = byId('token', HTMLInputElement)
  readonly #note = byId('gate-note', HTMLElement)

  /** @param enter - called with what somebody typed */
  constructor(enter: (token: string) => void) {
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      const token = this.#input.value.trim()
      if (token === '') return
      sessionStorage.setItem(KEY, token)
      this.#form.hidden = true
      enter(token)
    })
  }

  /** The token that the log's address has behind its #, which does not stay there; or that of before. */
  get known(): string | undefined {
    const given = decodeURIComponent(location.hash.slice(1))
    if (given !== '') {
      sessionStorage.setItem(KEY, given)
      history.replaceState(undefined, '', location.pathname)
    }
    return sessionStorage.getItem(KEY) ?? undefined
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
