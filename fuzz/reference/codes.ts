/** The table of close codes, read once more. It shares nothing with src/protocol. */

/** RFC 6455 §7.4.1, §7.4.2 and the IANA registry, row by row: may an endpoint send it? */
const TABLE: readonly (readonly [from: number, to: number, sent: boolean, why: string])[] = [
  [0, 999, false, '§7.4.2: not used'],
  [1000, 1003, true, '§7.4.1'],
  [1004, 1004, false, '§7.4.1: reserved'],
  [1005, 1006, false, '§7.4.1: MUST NOT be set in a Close frame'],
  [1007, 1011, true, '§7.4.1'],
  [1012, 1014, true, 'IANA'],
  [1015, 1015, false, '§7.4.1: MUST NOT be set in a Close frame'],
  [1016, 2999, false, '§7.4.2: for the protocol, and not defined'],
  [3000, 3999, true, '§7.4.2: registered by libraries and frameworks'],
  [4000, 4999, true, '§7.4.2: private'],
  [5000, 65_535, false, '§7.4.2: outside of every range'],
]

/** True for a code that may stand in a close frame. */
export const maySend = (code: number): boolean => TABLE.some(([from, to, sent]) => sent && code >= from && code <= to)
