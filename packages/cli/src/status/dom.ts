/** The elements of the page. What the server says goes in as text, never as markup. */
export { byId, make } from '../showcase/dom.ts'

/** Writes it only when it is another text: what has not changed costs nothing. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A colour of the page as it is now, in light or in dark. */
export const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
