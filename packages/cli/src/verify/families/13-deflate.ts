/** Compressed messages: how they are made and taken apart, and streams that are broken. RFC 7692 §6, §7.2 */
import { afterGood, bits, bombs, broken, inflatedText, moreBits, moreBroken } from './13-deflate-bad.ts'
import { agreements, narrowClient, narrowServer, shapes, worked } from './13-deflate-examples.ts'
import { blocks, examples, fragmented, incompressible, mixed, sizes, windows } from './13-deflate-good.ts'
import { family } from './pieces.ts'

export const deflated = family(13, 'permessage-deflate: messages', [
  sizes('text'),
  sizes('binary'),
  incompressible,
  fragmented,
  blocks,
  examples,
  mixed,
  windows,
  broken,
  bits,
  inflatedText,
  bombs,
  worked,
  narrowServer,
  narrowClient,
  shapes,
  agreements,
  moreBroken,
  moreBits,
  afterGood,
])
