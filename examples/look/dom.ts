/** The elements of a page. What people or servers say goes in as text, never as markup. */

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

/**
 * Writes it only when it is another text: what has not changed costs nothing, and is not read out again.
 * @param where - an element or its id
 */
export function say(where: Element | string, text: string): void {
  const element = typeof where === 'string' ? byId(where, HTMLElement) : where
  if (element.textContent !== text) element.textContent = text
}
