/** permessage-deflate, a message at a time: both engines of Node, against zlib over all that was ever sent. RFC 7692 §7.2 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { Compression } from '../../packages/hotline/src/connection/compression.ts'
import { ContextBudget } from '../../packages/hotline/src/connection/contexts.ts'
import type { DeflateEngine } from '../../packages/hotline/src/connection/deflate-engine.ts'
import { ProtocolError } from '../../packages/hotline/src/errors.ts'
import type { DeflateParams } from '../../packages/hotline/src/protocol/deflate.ts'
import type { Role } from '../../packages/hotline/src/protocol/opcode.ts'
import { FakeClock } from '../../packages/hotline/src/runtime/memory/clock.ts'
import { publicDeflate } from '../../packages/hotline/src/runtime/node/zlib.ts'
import { nodeDeflate } from '../../packages/hotline/src/runtime/node/zlib-handles.ts'
import { join, utf8 } from '../engine/bytes.ts'
import { Draw } from '../engine/draw.ts'
import { Random } from '../engine/random.ts'
import { claim, type Difference, type Explain, type Target } from '../engine/target.ts'
import { toHex } from '../reference/frames.ts'

export const ENGINES: readonly DeflateEngine[] = [publicDeflate, nodeDeflate()]
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff)
const BITS = [15, 15, 9, 10, 8]

export interface Line {
  readonly params: DeflateParams
  readonly maxMessage: number
}

/** What two bytes of an input say of a line. */
export function lineOf(flags: number, bits: number): Line {
  return {
    params: {
      serverNoContextTakeover: (flags & 1) !== 0,
      clientNoContextTakeover: (flags & 2) !== 0,
      serverMaxWindowBits: BITS[bits % 5] as number,
      clientMaxWindowBits: BITS[(bits >> 4) % 5] as number,
    },
    maxMessage: (flags & 4) !== 0 ? 300 : 1 << 20,
  }
}

export function compression(role: Role, { params, maxMessage }: Line, engine: DeflateEngine): Compression {
  const settings = { ...params, threshold: 0, level: 3 }
  const budget = new ContextBudget(1 << 26, new FakeClock())
  return new Compression({ engine, settings, maxMessage, budget }, role, params)
}

/** Messages with much to refer back to, near and far. */
const MESSAGES: readonly Uint8Array[] = [
  utf8(''),
  utf8('a'),
  utf8('Hello'),
  utf8('HelloHelloHello'),
  utf8('{"user":"ann","text":"hi"}'.repeat(20)),
  utf8('é€😀'.repeat(99)),
  new Uint8Array(301),
  new Uint8Array(40_000).map((_, i) => i % 251),
  new Random('noise').bytes(700),
]

/** A payload as some peer makes it: with what went before, or in a form that zlib seldom gives. */
export function payload(random: Random, before: Uint8Array): Uint8Array {
  const message =
    random.oneIn(6) && before.length > 0 ? before.subarray(-random.below(before.length)) : random.pick(MESSAGES)
  const dictionary = random.oneIn(2) && before.length > 0 ? { dictionary: before.subarray(-32_768) } : {}
  const finishFlush = random.oneIn(6)
    ? constants.Z_FINISH
    : random.pick([constants.Z_SYNC_FLUSH, constants.Z_FULL_FLUSH])
  const level = random.pick([0, 1, 9])
  const made = new Uint8Array(
    deflateRawSync(message, { ...dictionary, finishFlush, level, windowBits: random.pick([9, 15]) }),
  )
  if (finishFlush === constants.Z_FINISH) return join([made, [0]]) // §7.2.3.4
  return made.subarray(0, made.length - 4)
}

/** Payloads, each behind two bytes of length. */
function payloadsOf(draw: Draw): Uint8Array[] {
  const payloads: Uint8Array[] = []
  while (!draw.done) payloads.push(draw.bytes(draw.word()))
  return payloads
}

/**
 * What a payload is, by zlib over a history that nobody cut: the message, or undefined for none. In small pieces, zlib
 * keeps to the window; what is still in its output it refers to from any distance.
 */
export function inflated(bytes: Uint8Array, bits: number, history: Uint8Array): Uint8Array | undefined {
  if (bytes.length === 0) return bytes
  const dictionary = history.length === 0 ? {} : { dictionary: history.subarray(-(2 ** bits)) }
  const read = (input: Uint8Array, finishFlush: number = constants.Z_FINISH) => {
    const options = {
      windowBits: bits,
      chunkSize: 64,
      finishFlush,
      info: true,
      maxOutputLength: 1 << 24,
      ...dictionary,
    }
    return inflateRawSync(input, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
  }
  try {
    // The tail, then a last block, so that zlib must come to the end (§7.2.2).
    const whole = join([bytes, TAIL, [0x03, 0x00]])
    const { buffer, engine } = read(whole)
    // Nothing of the tail is content: the payload stands behind a block.
    if (engine.bytesWritten === whole.length)
      return read(bytes, constants.Z_SYNC_FLUSH).buffer.length === buffer.length ? buffer : undefined
    return engine.bytesWritten === bytes.length || (engine.bytesWritten === bytes.length - 1 && bytes.at(-1) === 0)
      ? buffer
      : undefined
  } catch {
    return undefined
  }
}

/** What an engine makes of it: the bytes in hex, or the close code of its error. */
function outcome(work: () => Uint8Array): string {
  try {
    return toHex(work())
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return `fail ${error.closeCode}`
  }
}

/** A peer that breaks its word: the standard wants nothing of who reads it. */
const BEYOND: Difference = {
  what: 'a reference beyond the agreed window, but within a message, is followed or refused, after how the output of zlib lies',
  clause: 'RFC 7692 §7.1.2: the sender MUST NOT use a larger window; what the receiver does is left open',
  right: 'both',
}

export const deflate: Target = {
  name: 'deflate',
  explains: [BEYOND],
  about:
    'payloads of permessage-deflate: both engines against zlib with all that went before, the limit, and what we deflate',
  longest: 60_000,

  make(random) {
    const flags = random.below(8)
    const bits = random.below(256)
    const parts: Uint8Array[] = [Uint8Array.of(flags, bits)]
    let before: Uint8Array = new Uint8Array(0)
    for (let left = random.below(5); left > 0; left--) {
      const made = payload(random, before)
      const message = inflated(made, 15, before)
      if (message !== undefined) before = join([before, message])
      parts.push(Uint8Array.of(made.length >> 8, made.length), made)
    }
    return join(parts)
  },

  run(input, explain) {
    const draw = new Draw(input)
    const line = lineOf(draw.byte(), draw.byte())
    const payloads = payloadsOf(draw)
    for (const role of ['server', 'client'] as const) readAll(role, line, payloads, explain)
    for (const role of ['server', 'client'] as const) echo(role, line, payloads)
  },
}

/** Both engines read what a peer sent. */
function readAll(role: Role, line: Line, payloads: readonly Uint8Array[], explain: Explain): void {
  const { params, maxMessage } = line
  const bits = role === 'server' ? params.clientMaxWindowBits : params.serverMaxWindowBits
  const forgets = role === 'server' ? params.clientNoContextTakeover : params.serverNoContextTakeover
  const ends = ENGINES.map(engine => compression(role, line, engine))
  const words = (message: Uint8Array | undefined): string =>
    message === undefined ? 'fail 1007' : message.length > maxMessage ? 'fail 1009' : toHex(message)
  let history: Uint8Array = new Uint8Array(0)
  for (const one of payloads) {
    const message = inflated(one, bits, history)
    const wanted = words(message)
    const beyond = message === undefined ? words(inflated(one, 15, history.subarray(-(2 ** bits)))) : wanted
    for (const [i, end] of ends.entries()) {
      const got = outcome(() => end.inflate(new Uint8Array(one)))
      // Where it is both wrong and too big, either may be seen first.
      const fits = got === wanted || got === beyond || (message === undefined && got === 'fail 1009')
      claim(
        fits,
        'an engine inflates what zlib inflates, up to the limit',
        { i, role, line, one: toHex(one) },
        got,
        wanted,
      )
    }
    if (beyond !== wanted) explain(BEYOND)
    if (wanted.startsWith('fail') || message === undefined) return
    if (!forgets) history = join([history, message])
  }
}

/** What one end deflates, the other inflates, whatever their engines are. */
function echo(role: Role, line: Line, messages: readonly Uint8Array[]): void {
  const other: Role = role === 'server' ? 'client' : 'server'
  for (const [from, to] of [ENGINES, [...ENGINES].reverse()] as [DeflateEngine, DeflateEngine][]) {
    const sender = compression(role, line, from)
    const receiver = compression(other, { ...line, maxMessage: 1 << 24 }, to)
    for (const message of [...messages, ...messages.slice(0, 1)]) {
      const lent = sender.deflate(message)
      if (lent === undefined) continue
      claim(lent.length < message.length, 'what is deflated is smaller')
      const made = new Uint8Array(lent)
      const got = outcome(() => receiver.inflate(made))
      claim(got === toHex(message), 'what we deflate, the other end inflates', { role, line }, toHex(made))
    }
  }
}
