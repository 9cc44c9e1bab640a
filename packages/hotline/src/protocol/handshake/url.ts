/** A URL that may not be one. WHATWG URL standard */

/**
 * The URL, or undefined for what is none.
 *
 * Not by `URL.canParse`: once V8 has optimized its caller, that of Node 20 and 22 reads the units of a text as bytes of
 * UTF-8, so that after some thousand calls it refuses `ws://münchen.example` and takes what `new URL` throws at.
 */
export function readUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
