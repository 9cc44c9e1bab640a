/** The elements of the page. What people wrote goes in as text, never as markup. */

/** @throws Error when the page has no such element */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`)
  return found
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...content: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.className = className
  element.append(...content)
  return element
}

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
