/** What the chat makes for several of its parts. */
import { make } from '../../look/dom.ts'

/** A button that says what it does. */
export function button(label: string, act: () => void): HTMLButtonElement {
  const made = make('button', 'small', label)
  made.type = 'button'
  made.addEventListener('click', act)
  return made
}

/** A name of somebody, whose letters do not turn the text around it. */
export const nameTag = (name: string): HTMLElement => make('bdi', 'who', name)

/** One of four colours, always the same for the same person; we have one of our own. */
export function hueOf(key: string, mine: boolean): string {
  const sum = [...key].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 9973, 7)
  return mine ? 'hue-me' : `hue-${sum % 4}`
}
