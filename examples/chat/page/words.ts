/** What the page says, in words for people. */

/** The line is open, and its server is without the others. */
export const APART = 'Connected to this server only'

/** What came of a line that is back. */
export interface Recovery {
  /** Messages of others that came meanwhile. */
  readonly count: number
  /** Whether those are all. */
  readonly whole: boolean
  /** Why not: see "History" in docs/guide/topics.md. */
  readonly code: string | undefined
}

/** Stands where something may be missing. */
export function gapWord(code?: string): string {
  if (code === 'epoch') return 'The server has started anew: some messages may be missing here.'
  return 'Some messages may be missing here.'
}

/** Stands behind what came meanwhile. */
export function backWord({ count, whole }: Recovery): string {
  if (count > 0) return `Back: ${plural(count, 'message', 'messages')} came meanwhile.`
  return whole ? 'Back: nothing was missed.' : 'Back.'
}

/** What stays behind in a room. */
export const waitsWord = (room: string | undefined, count: number): string =>
  count === 0 ? '' : `${plural(count, 'message waits', 'messages wait')} in ${room} until you are back there.`

/** `Ada and Bob are typing…` */
export function typingWord(names: readonly string[]): string {
  const [first, second] = names
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing…`
  return names.length === 2 ? `${first} and ${second} are typing…` : `${names.length} people are typing…`
}

export const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** `3.2 MiB` */
export function sizeWord(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`
  return bytes < 1_048_576 ? `${Math.round(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}
