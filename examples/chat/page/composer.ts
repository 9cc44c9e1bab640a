/** Where one writes: text by Enter, pictures by choice, paste and drop. */
import { byId } from '../../look/dom.ts'
import { clean, LIMITS } from '../messages.ts'

export interface ComposerOwner {
  /** False when it cannot be taken now. */
  say(text: string): boolean
  pictures(files: readonly File[]): void
  typing(): void
}

/** Letters before the limit from which on their number is shown. */
const CLOSE = 200

export class Composer {
  readonly #owner: ComposerOwner
  readonly #form = byId('composer', HTMLFormElement)
  readonly #text = byId('text', HTMLTextAreaElement)
  readonly #note = byId('composer-note', HTMLElement)
  readonly #file = byId('file', HTMLInputElement)

  constructor(owner: ComposerOwner) {
    this.#owner = owner
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      this.#submit()
    })
    this.#text.addEventListener('input', () => this.#changed())
    this.#text.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.#submit()
    })
    this.#file.addEventListener('change', () => {
      this.#take(this.#file.files)
      this.#file.value = ''
    })
    this.#text.addEventListener('paste', event => {
      if (this.#take(event.clipboardData?.files)) event.preventDefault()
    })
    this.#takeDrops(byId('talk', HTMLElement))
  }

  focus(): void {
    this.#text.focus()
  }

  /** A word about what was to be sent. */
  note(text: string, wrong = false): void {
    this.#note.textContent = text
    this.#note.classList.toggle('wrong', wrong)
  }

  #submit(): void {
    const text = clean(this.#text.value)
    if (text === '') return
    if (text.length > LIMITS.text) {
      this.#tooLong(text.length)
      return
    }
    if (!this.#owner.say(text)) {
      this.note('A hundred messages wait already. This one stays here until the line is back.', true)
      return
    }
    this.#text.value = ''
    this.#changed()
  }

  #changed(): void {
    const { length } = clean(this.#text.value)
    const tooLong = length > LIMITS.text
    this.#text.ariaInvalid = tooLong ? 'true' : null
    if (tooLong) this.#tooLong(length)
    else this.note(LIMITS.text - length < CLOSE ? `${LIMITS.text - length} characters left` : '')
    if (length > 0) this.#owner.typing()
  }

  #tooLong(length: number): void {
    const more = length - LIMITS.text
    this.note(`A message has at most ${LIMITS.text} characters: this one has ${more} too many.`, true)
  }

  #take(files: FileList | null | undefined): boolean {
    if (!files?.length) return false
    this.#owner.pictures([...files])
    return true
  }

  /** Wherever it is dropped: elsewhere the browser would leave the page for it. */
  #takeDrops(place: HTMLElement): void {
    const over = (event: DragEvent, is: boolean): void => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      place.classList.toggle('dropping', is)
    }
    document.addEventListener('dragover', event => over(event, true))
    document.addEventListener('dragleave', event => over(event, false))
    document.addEventListener('drop', event => {
      over(event, false)
      this.#take(event.dataTransfer?.files)
    })
  }
}
