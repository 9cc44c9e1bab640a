/** Names of players: short, and nothing in them that is not seen. */
import { MAX_NAME } from './rules.ts'

/** Characters as people count them, nearly: code points. */
export const lengthOf = (name: string): number => [...name].length

/** Without control and format characters, which could turn a line around or hide; blanks become one. */
export const tidy = (name: string): string => name.normalize('NFC').replace(/\p{C}/gu, '').replace(/\s+/gu, ' ').trim()

export const cut = (name: string): string => [...name].slice(0, MAX_NAME).join('')
