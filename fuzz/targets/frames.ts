/** The frame parser, both roles: against the second reader, split in every way, on every path of masking. */
import { join, SINGLE, type Split, someSplit, WHOLE } from '../engine/bytes.ts'
import { Random } from '../engine/random.ts'
import { stream } from '../engine/stream.ts'
import { claim, type Target } from '../engine/target.ts'
import { type Reading, readFrames } from '../reference/frames.ts'
import { CODECS, type Heard, hear, type Memory, optionsByte, readingOf } from './reading.ts'

/** The buffer that a message in pieces begins with. */
const FIRST = 4096

export const frames: Target = {
  name: 'frames',
  about: 'the frame parser: a second reader after RFC 6455 §5, every split, both ways to unmask, memory counted',
  longest: 200_000,

  make(random) {
    const masked = random.oneIn(2)
    const compression = random.oneIn(3)
    const compress = compression ? (inner: Random) => inner.bytes(inner.below(20)) : undefined
    const limit = random.pick([0, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7])
    return join([[optionsByte(masked, compression, limit)], stream(random, { masked, compress })])
  },

  run(input) {
    const reading = readingOf(input[0] ?? 0)
    const bytes = input.subarray(1)
    const expected = readFrames(bytes, reading)
    const random = new Random(bytes.length, input[0] ?? 0, bytes[bytes.length >> 1] ?? 0)
    const [codec = CODECS[0], other = CODECS[0]] = random.oneIn(2) ? CODECS : [...CODECS].reverse()
    const ways: [Split, Memory][] = [
      [WHOLE, 'plain'],
      [WHOLE, 'fast'],
      [bytes.length > 4000 ? [1, 1, 1, 1, 1, 997] : SINGLE, 'fast'],
      [someSplit(random), 'plain'],
      [someSplit(random), 'fast'],
    ]
    for (const [i, [split, memory]] of ways.entries()) {
      const heard = hear(bytes, reading, split, memory, (i % 2 === 0 ? codec : other) as (typeof CODECS)[number])
      claim(
        JSON.stringify(heard.told) === JSON.stringify(expected),
        'a receiver tells what the second reader tells',
        { split, memory, ...reading },
        heard.told,
        expected,
      )
      checkMemory(heard, bytes.length, reading)
    }
  },
}

/** A buffer doubles with what has arrived, and is never more than twice what a message may have. */
function checkMemory({ allocated, largest }: Heard, received: number, { maxMessage }: Reading): void {
  const limit = maxMessage + 64 + Math.ceil(maxMessage / 1024)
  claim(largest <= Math.max(FIRST, 2 * limit), 'no buffer is above the limit', largest)
  claim(largest <= Math.max(FIRST, 4 * received), 'a declared length costs nothing by itself', largest, received)
  // A message in fragments and a control frame in pieces take one buffer each, and both take at least a byte to begin.
  claim(allocated <= (FIRST + 8) * received, 'memory grows with what has arrived only', allocated, received)
}
