/** The parts of the page by their ids. */

/** @throws TypeError when the page has none of this kind */
export function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new TypeError(`the page has no ${kind.name} #${id}`)
}

/** As text, whatever is in it. */
export function say(id: string, text: string): void {
  const element = part(id, HTMLElement)
  if (element.textContent !== text) element.textContent = text
}
