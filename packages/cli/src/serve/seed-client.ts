/** The client of the notes with another URL: the same text, character for character, but for what stands in its quotes. */
import { readUrl } from '../url.ts'

const URL_IN_TEXT = 'wss://example.com/socket'

/** Longer ones are nobody's. */
const MAX_URL = 2048

/** The URL in its normal form, when a browser's WebSocket takes it; undefined otherwise. */
export function webSocketUrl(text: string): string | undefined {
  const url = text.length <= MAX_URL ? readUrl(text) : undefined
  if (url === undefined || url.hash !== '' || text.includes('#')) return undefined
  return /^wss?:$/.test(url.protocol) && url.hostname !== '' ? url.href : undefined
}

/** What stands between double quotes in a script, so that it is this text and nothing else. */
export const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Replaces the URL of the notes. */
export const withUrl = (client: string, url: string): string => client.replace(URL_IN_TEXT, () => quoted(url))
