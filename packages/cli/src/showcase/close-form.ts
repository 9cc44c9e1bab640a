/** How a person closes the client's socket: with a code and a reason, as far as browsers let pages choose. */
import { byId } from '../../../../examples/look/dom.ts'

export class CloseForm {
  readonly #form = byId('close', HTMLFormElement)
  readonly #code = byId('close-code', HTMLInputElement)
  readonly #reason = byId('close-reason', HTMLInputElement)
  readonly #note = byId('close-note', HTMLElement)
  readonly #closed: (what: string) => void
  readonly #after: () => void
  #socket: WebSocket | undefined

  constructor(closed: (what: string) => void, after: () => void) {
    this.#closed = closed
    this.#after = after
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      this.#submit()
    })
  }

  /** The socket to close; undefined when there is none. */
  use(socket: WebSocket | undefined): void {
    this.#socket = socket
    for (const button of this.#form.querySelectorAll('button')) button.disabled = socket === undefined
  }

  #submit(): void {
    const socket = this.#socket
    if (socket === undefined) return
    const wrong = this.#close(socket)
    this.#note.textContent = wrong ?? ''
    this.#note.classList.toggle('wrong', wrong !== undefined)
    this.#code.setAttribute('aria-invalid', String(wrong !== undefined))
    if (wrong !== undefined) this.#code.focus()
    this.#after()
  }

  /** What the browser has against it, if anything. */
  #close(socket: WebSocket): string | undefined {
    const text = this.#code.value.trim()
    const reason = this.#reason.value
    if (!/^\d*$/.test(text)) return 'The code is a number: 1000, or one from 3000 to 4999.'
    const close = text === '' ? () => socket.close() : () => socket.close(Number(text), reason)
    try {
      close()
    } catch (error) {
      const { name } = error as DOMException
      if (name === 'InvalidAccessError') return 'Browsers let pages close with 1000, or with 3000 to 4999.'
      return 'A reason has at most 123 bytes.'
    }
    this.#closed(text === '' ? 'without a code' : `${text} "${reason}"`)
    return undefined
  }
}
