/** What a peer might send: frames that mostly may come next, with contents and lengths at every border. */
import { type Bytes, frame, join, utf8 } from './bytes.ts'
import { INTERESTING, type Random } from './random.ts'

/** Pieces of text, whole and broken: each border of RFC 3629 §4 stands in one of them. */
const TEXTS: readonly Uint8Array[] = [
  utf8(''),
  utf8('a'),
  utf8('Hello'),
  utf8('é'),
  utf8('€uro'),
  utf8('😀'),
  utf8('\ufeffBOM'),
  utf8('\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}'),
  ...[
    'f0',
    'f09f',
    'f09f98',
    '80',
    'e282',
    'ac',
    'eda080',
    'edbfbf',
    'c0af',
    'e080af',
    'f08080af',
    'f4908080',
    'fe',
    'ff',
  ].map(hex => Uint8Array.from(Buffer.from(hex, 'hex'))),
]

export function content(random: Random, most = 70_000): Uint8Array {
  switch (random.below(8)) {
    case 0:
      return random.bytes(random.below(12))
    case 1:
      return new Uint8Array(random.size(most)).fill(0x61)
    case 2:
      return join([new Uint8Array(random.pick([0, 60, 93, 124, 4090])).fill(0x62), random.pick(TEXTS)])
    default:
      return join(Array.from({ length: random.below(4) }, () => random.pick(TEXTS.slice(0, random.oneIn(5) ? 99 : 8))))
  }
}

export interface StreamOptions {
  /** True for what a client sends. */
  readonly masked: boolean
  /** A payload for RSV1; undefined where compression is not agreed on. */
  readonly compress?: ((random: Random) => Uint8Array) | undefined
  readonly most?: number
}

/** A stream of frames. */
export function stream(random: Random, { masked, compress, most = 12 }: StreamOptions): Bytes {
  const parts: Uint8Array[] = []
  let inside = false
  for (let left = random.below(most + 1); left > 0; left--) {
    const kind = random.below(18)
    const key = masked !== random.oneIn(60) ? random.pick([0, random.next(), 0x3d21fa37]) : undefined
    if (kind === 0) {
      parts.push(frame({ first: random.below(256), payload: content(random, 300), key, ...lie(random) }))
    } else if (kind < 5) {
      parts.push(frame({ first: 0x80 | random.pick([8, 9, 9, 9, 10, 10]), payload: controlContent(random), key }))
    } else {
      const final: boolean = random.oneIn(inside ? 2 : 1.5) || left === 1
      const squeezed = !inside && compress !== undefined && random.oneIn(2) ? compress(random) : undefined
      const first = (final ? 0x80 : 0) | (inside ? 0 : random.pick([1, 1, 2])) | (squeezed === undefined ? 0 : 0x40)
      parts.push(frame({ first, payload: squeezed ?? content(random), key, ...(random.oneIn(25) ? lie(random) : {}) }))
      inside = !final
    }
  }
  return join(parts)
}

/** A length that is not the payload's, or not in its shortest form. RFC 6455 §5.2 */
function lie(random: Random): { length?: number; form?: 0 | 2 | 8 } {
  if (random.oneIn(2)) return { form: random.pick([0, 2, 8] as const) }
  return { length: random.pick(INTERESTING), form: random.pick([0, 2, 8] as const) }
}

/** For pings anything up to 125 bytes, for close frames a code and a reason. */
function controlContent(random: Random): Uint8Array {
  if (random.oneIn(2)) return random.bytes(random.pick([0, 1, 2, 4, 124, 125]))
  const code = random.oneIn(3) ? random.below(65_536) : 998 + random.below(20)
  return join([[code >> 8, code], content(random, 123).subarray(0, 123)])
}
