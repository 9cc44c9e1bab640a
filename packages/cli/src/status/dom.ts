/** The elements of the page, and its colours. */
export { byId, make, say } from '../../../../examples/look/dom.ts'

/** A colour of the page as it is now, in light or in dark. */
export const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
