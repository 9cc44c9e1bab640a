/** A URL that may not be one. */

/** The URL, or undefined for what is none; `URL.canParse` of Node 20 and 22 is wrong once its caller is optimized. */
export function readUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
