/** What the drawings ask of the page. */

/** A colour of the page as it is now, in light or in dark. */
export const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export const still = matchMedia('(prefers-reduced-motion: reduce)')
