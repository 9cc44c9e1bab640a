/** The opening handshake as a server reads it. RFC 6455 §4.1, §4.2.1; RFC 9110, RFC 9112 */
import { broken, keys, manyVersions, methods, missing, newer, versions } from './10-requests-bad.ts'
import { bodies, choice, large, strange } from './10-requests-edge.ts'
import { early, emptyElements, grammar, optional, order, otherKeys, pieces, tabs, tokens } from './10-requests-good.ts'
import { family } from './pieces.ts'

export const requests = family(10, 'The opening handshake: requests', [
  grammar,
  tokens,
  pieces,
  early,
  optional,
  methods,
  missing,
  keys,
  versions,
  broken,
  newer,
  tabs,
  order,
  manyVersions,
  choice,
  large,
  bodies,
  strange,
  otherKeys,
  emptyElements,
])
