/** UTF-8 in pieces, and the codecs: against the table of RFC 3629 and TextDecoder. */
import { fitReason } from '../../packages/hotline/src/protocol/close.ts'
import { Utf8Stream } from '../../packages/hotline/src/protocol/text.ts'
import { join, pieces, SINGLE, someSplit, WHOLE } from '../engine/bytes.ts'
import { Random } from '../engine/random.ts'
import { content } from '../engine/stream.ts'
import { claim, type Target } from '../engine/target.ts'
import { readUtf8 } from '../reference/utf8.ts'
import { CODECS } from './reading.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What TextDecoder says: the text, or undefined. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

export const text: Target = {
  name: 'utf8',
  about: 'UTF-8 in any pieces and both codecs: the table of RFC 3629 §4 and TextDecoder',
  longest: 20_000,

  make: random => join(Array.from({ length: random.below(5) }, () => content(random, 5000))),

  run(input) {
    const { wrongAt, complete } = readUtf8(input)
    const whole = decoded(input)
    claim((whole !== undefined) === (wrongAt > input.length && complete), 'the table and TextDecoder agree')
    const random = new Random(input.length, input[0] ?? 0)
    for (const codec of CODECS) {
      claim(codec.isUtf8(input, 0, input.length) === (whole !== undefined), 'a codec knows UTF-8')
      if (whole !== undefined) checkText(whole, input)
      for (const split of [WHOLE, SINGLE, someSplit(random), someSplit(random)]) {
        const stream = new Utf8Stream(codec)
        let at = 0
        for (const piece of pieces(input, split)) {
          const fine = stream.push(join([[0x80], piece, [0x80]]), 1, 1 + piece.length)
          at += piece.length
          claim(fine === wrongAt >= at, 'a wrong byte is known with its piece', split, at, wrongAt)
          if (!fine) break
        }
        if (wrongAt > input.length) claim(stream.complete === complete, 'a character that is cut is known', split)
      }
    }
    checkUnits(input)
  },
}

/** Both codecs decode the same, from the middle of other bytes. */
function checkText(whole: string, input: Uint8Array): void {
  const room = join([[0xff], input, [0xff]])
  const ascii = input.every(byte => byte < 0x80)
  for (const codec of CODECS) {
    claim(codec.decode(room, 1, 1 + input.length, ascii) === whole, 'a codec decodes as TextDecoder does')
    claim(codec.decode(room, 1, 1 + input.length, false) === whole, 'a codec decodes as TextDecoder does')
  }
}

/** Any units of UTF-16 are written as TextEncoder writes them, and make a reason that fits. */
function checkUnits(input: Uint8Array): void {
  const units = new Uint16Array(
    input.subarray(0, 600).slice(0, input.length & ~1).buffer,
    0,
    Math.min(input.length, 600) >> 1,
  )
  const given = String.fromCharCode(...units)
  const expected = new TextEncoder().encode(given)
  for (const codec of CODECS) {
    const length = codec.byteLength(given)
    claim(length === expected.length, 'a codec counts bytes as TextEncoder does')
    const room = codec.workspace(length + 3)
    claim(codec.write(given, room, 3, length) === length, 'a codec writes what it counts')
    claim(
      room.subarray(3).every((byte, i) => byte === expected[i]),
      'a codec writes as TextEncoder does',
    )
    const reason = fitReason(given, codec)
    const most = codec.byteLength(reason)
    claim(most <= 123 && given.startsWith(reason), 'a reason is cut to 123 bytes')
    const short = given.length - reason.length
    const half = short === 1 && /[\ud800-\udbff]$/.test(given)
    claim(short === 0 || half || most > 117, 'a reason is cut no shorter than it must be', reason.length)
  }
}
