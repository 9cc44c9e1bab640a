/** The elements of the page. What the server says goes in as text, never as markup. */

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

/** Writes it only when it is another text: what has not changed costs nothing. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A colour of the page as it is now, in light or in dark. */
export const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export const still = matchMedia('(prefers-reduced-motion: reduce)')
