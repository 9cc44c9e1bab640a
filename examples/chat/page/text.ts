/** A text as it is shown: addresses can be followed, and everything is text. */

const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/gu

export function* partsOf(text: string): Generator<string | { readonly href: string }> {
  let from = 0
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    if (!URL.canParse(found)) continue
    if (index > from) yield text.slice(from, index)
    yield { href: found }
    from = index + found.length
  }
  if (from < text.length) yield text.slice(from)
}

/** Nothing of it is read as markup, and the page that is followed does not learn where from. */
export function nodesOf(text: string): (string | HTMLAnchorElement)[] {
  return [...partsOf(text)].map(part => {
    if (typeof part === 'string') return part
    const link = document.createElement('a')
    link.href = part.href
    link.textContent = part.href
    link.target = '_blank'
    link.rel = 'noopener noreferrer nofollow'
    return link
  })
}
