/** What strangers say, as it may stand where people read. */

/** Characters of one text: a stranger may send a thousand times as much, and each time it would be kept or sent on. */
const LONGEST = 200

/** What steers a terminal (C1, also as one letter) or turns the text around it. C0 is escaped by JSON itself. */
const STEERS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Short, and escaped where it would do more than be read. */
export function plain<T extends string | undefined>(text: T): T {
  if (text === undefined) return text
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return short.replace(STEERS, escaped) as T
}
