/** The opening handshake as a client reads it. RFC 6455 §4.1, §4.2.2 */
import { broken, choices, endless, fields, garbled, more, older, proofs, statuses, unasked } from './11-answers-bad.ts'
import { before, early, grammar, lists, tabs } from './11-answers-good.ts'
import { family } from './pieces.ts'

export const responses = family(11, 'The opening handshake: answers', [
  grammar,
  early,
  statuses,
  fields,
  unasked,
  broken,
  older,
  tabs,
  before,
  lists,
  more,
  proofs,
  choices,
  endless,
  garbled,
])
