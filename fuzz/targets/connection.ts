/** A connection on a scripted transport and a clock that stands still: chunks, pauses, slow writes, ends and errors at random. */
import type { Compression } from '../../packages/hotline/src/connection/compression.ts'
import { CLIENT_LIMITS, type Limits, SERVER_LIMITS } from '../../packages/hotline/src/connection/limits.ts'
import { resolve } from '../../packages/hotline/src/connection/options.ts'
import { Session } from '../../packages/hotline/src/connection/session.ts'
import { type Data, Socket } from '../../packages/hotline/src/connection/socket.ts'
import { WebSocketError } from '../../packages/hotline/src/errors.ts'
import { FakeClock, settle } from '../../packages/hotline/src/runtime/memory/clock.ts'
import { memoryRuntime } from '../../packages/hotline/src/runtime/memory/sockets.ts'
import { frame, join, pieces, SINGLE, type Split, WHOLE } from '../engine/bytes.ts'
import { Draw } from '../engine/draw.ts'
import { Random } from '../engine/random.ts'
import { claim, Finding, type Target } from '../engine/target.ts'
import { ScriptedWire } from '../engine/wire.ts'
import { type Reading, readFrames, toHex } from '../reference/frames.ts'
import { compression, ENGINES, inflated, lineOf, payload } from './deflate.ts'
import { lend } from './reading.ts'

const KIND = { text: 1, binary: 2 } as const
type Said = readonly [what: 'text' | 'binary', content: string]

/** The close code of a peer that broke the protocol. RFC 6455 §7.4.1 */
const PROTOCOL_ERROR = '03ea'

/** Longer than every deadline that there is, together. */
const FOR_EVER = 600_000
const LONG = 20_000

const LIMITS: readonly Partial<Limits>[] = [
  {},
  { maxMessage: 300, highMark: 200, maxQueued: 2000, idleTimeout: 3000 },
  { heartbeat: false, closeTimeout: 50, writeTimeout: 100, highMark: 1 },
  { heartbeat: { interval: 100, timeout: 80 }, maxQueued: 30_000 },
]

/** The messages among frames, inflated with all that went before; undefined is behind what cannot be read. */
function messagesOf(bytes: Uint8Array, reading: Reading, forgets: boolean): Said[] {
  const messages: Said[] = []
  let history: Uint8Array = new Uint8Array(0)
  for (const told of readFrames(bytes, reading)) {
    if (told[0] === 'close' || told[0] === 'fail') break
    if (told[0] === 'text') messages.push(told)
    if (told[0] === 'binary') messages.push(told as Said)
    if (told[0] !== 'compressed') continue
    const message = inflated(new Uint8Array(Buffer.from(told[2], 'hex')), 15, history)
    if (message === undefined || message.length > reading.maxMessage) break
    if (!forgets) history = join([history, message])
    messages.push(told[1] === KIND.text ? ['text', Buffer.from(message).toString()] : ['binary', toHex(message)])
  }
  return messages
}

/** A promise of the application's, and whether it is settled. */
class Promised {
  pending = 0
  readonly #watch: (error: unknown) => void

  constructor(watch: (error: unknown) => void) {
    this.#watch = watch
  }

  add<T>(promise: Promise<T>, use: (value: T) => void = () => {}): void {
    this.pending++
    const done = (): void => void this.pending--
    promise.then(use, this.#watch).finally(done)
  }
}

class Script {
  readonly #draw: Draw
  readonly #split: Split
  readonly #clock = new FakeClock()
  readonly #wire = new ScriptedWire()
  readonly #session: Session
  readonly #socket: Socket
  readonly #reading: Reading
  readonly #compression: Compression | undefined
  readonly #forgets: { ours: boolean; theirs: boolean }
  readonly #limits: Limits
  readonly #promised = new Promised(error => {
    claim(error instanceof WebSocketError, 'what the application gets is an error of hotline', String(error))
  })
  readonly sent: Said[] = []
  readonly read: Said[] = []
  #given: Uint8Array = new Uint8Array(0)
  /** What the peer has sent compressed, which it may refer to. */
  #before: Uint8Array = new Uint8Array(0)
  #inside = false
  #largest = 0

  constructor(draw: Draw, split: Split) {
    this.#draw = draw
    this.#split = split
    const options = draw.byte()
    const server = (options & 1) !== 0
    const role = server ? 'server' : 'client'
    const limits = resolve(LIMITS[(options >> 2) & 3] as Partial<Limits>, server ? SERVER_LIMITS : CLIENT_LIMITS)
    const line = { ...lineOf(draw.byte() & 3, 0), maxMessage: limits.maxMessage }
    const { serverNoContextTakeover: a, clientNoContextTakeover: b } = line.params
    this.#compression = (options & 2) === 0 ? undefined : compression(role, line, ENGINES[draw.below(2)] as never)
    this.#forgets = server ? { ours: a, theirs: b } : { ours: b, theirs: a }
    this.#limits = limits
    this.#reading = { masked: server, maxMessage: limits.maxMessage, compression: this.#compression !== undefined }
    const runtime = memoryRuntime(this.#clock)
    const parts = { role, transport: this.#wire, runtime, limits, compression: this.#compression } as const
    this.#session = new Session(parts, error => {
      throw new Finding('nothing of the application fails', [String(error)])
    })
    this.#session.connection.start(new Uint8Array(0))
    this.#socket = new Socket(this.#session, { protocol: '', extensions: [] })
  }

  async run(): Promise<void> {
    for (let left = 50; left > 0 && !this.#draw.done; left--) {
      await this.#step()
      await settle()
      this.#checkQueue()
    }
    await this.#finish()
  }

  #step(): void | Promise<void> {
    const draw = this.#draw
    switch (draw.below(16)) {
      case 0:
        return this.#promised.add(this.#socket.close(draw.pick([1000, 3000, 4999]), 'over'))
      case 1:
        return this.#promised.add(this.#socket.ping())
      case 2:
        this.#wire.free = draw.below(2) === 0
        return this.#wire.free ? this.#wire.take(Number.POSITIVE_INFINITY) : undefined
      case 3:
        return this.#wire.take(draw.pick([1, 100, 5000, 200_000]))
      case 4:
        return this.#clock.advance(draw.pick([1, 60, 110, 4000, 26_000]))
      case 5:
        return draw.below(3) === 0 ? this.#wire.endPeer() : undefined
      case 6:
        return draw.below(4) === 0 ? this.#wire.close(draw.below(2) === 0 ? new Error('reset') : undefined) : undefined
      case 7:
      case 8:
      case 9:
        return this.#send()
      case 10:
      case 11:
        return this.#readOne()
      default:
        return this.#give(this.#peerBytes())
    }
  }

  /** One message in one of the forms that `send` takes. */
  #send(): void {
    const draw = this.#draw
    const size = draw.pick([0, 1, 5, 40, 126, 1000, 5000, LONG])
    const bytes = new Uint8Array(size).fill(0x61 + draw.below(8))
    const kind = draw.below(4)
    const text = Buffer.from(bytes).toString()
    const parts = [text.slice(0, size >> 1), text.slice(size >> 1)]
    const data: Data = kind === 0 ? text : kind === 1 ? bytes : kind === 2 ? parts : new Blob([bytes])
    if (this.#socket.state !== 'open') {
      this.#promised.add(this.#socket.send(data))
      return
    }
    this.#largest = Math.max(this.#largest, size)
    this.sent.push(kind === 0 || kind === 2 ? ['text', text] : ['binary', toHex(bytes)])
    this.#promised.add(this.#socket.send(data, { compress: draw.below(3) > 0 }))
    bytes.fill(0x7a)
  }

  #readOne(): void {
    this.#promised.add(this.#session.read(), ({ done, value }) => {
      if (done) return
      this.read.push(typeof value === 'string' ? ['text', value] : ['binary', toHex(value)])
    })
  }

  #give(bytes: Uint8Array): void {
    for (const piece of pieces(bytes, bytes.length > 600 && this.#split === SINGLE ? [1, 1, 1, 1, 499] : this.#split)) {
      lend(piece, 'plain', (room, start, end) => {
        if (this.#wire.give(room, start, end)) this.#given = join([this.#given, piece])
      })
    }
  }

  /** Frames that may come next, now and then something else. */
  #peerBytes(): Uint8Array {
    const draw = this.#draw
    const kind = draw.below(16)
    const key = this.#reading.masked ? draw.word() * 40_503 : undefined
    if (kind === 0) return draw.bytes(draw.below(20))
    if (kind === 1)
      return frame({ first: 0x88, payload: draw.below(2) === 0 ? draw.bytes(2) : Uint8Array.of(3, 232, 0x68), key })
    if (kind < 5) {
      const payload = draw.bytes(draw.pick([0, 4, 125]))
      return join(
        Array.from({ length: draw.pick([1, 2, 50]) }, () => frame({ first: kind === 2 ? 0x8a : 0x89, payload, key })),
      )
    }
    if (kind < 8 && this.#reading.compression && !this.#inside) {
      const random = new Random(draw.word())
      const made = payload(random, this.#before)
      this.#before = join([this.#before, inflated(made, 15, this.#before) ?? []])
      return frame({ first: 0xc0 | draw.pick([1, 2]), payload: made, key })
    }
    const final = draw.below(4) > 0
    const first = (final ? 0x80 : 0) | (this.#inside ? 0 : draw.pick([1, 2]))
    this.#inside = !final
    return frame({ first, payload: new Uint8Array(draw.pick([0, 1, 40, 200, 3000])).fill(0x63), key })
  }

  /** What waits is bounded, and counted back to nothing. */
  #checkQueue(): void {
    const { queued } = this.#session.connection
    const { maxQueued, highMark } = this.#limits
    const message = this.#largest + 14
    claim(queued <= Math.max(maxQueued, highMark + message) + 16_384 + 256 + message, 'what waits is bounded', queued)
    claim(queued >= this.#wire.queued, 'what the transport has is counted', queued, this.#wire.queued)
  }

  /** Whatever was done: it ends, everything is settled, nothing is left, and what was said was said in order. */
  async #finish(): Promise<void> {
    const { connection } = this.#session
    this.#wire.free = true
    this.#wire.take(Number.POSITIVE_INFINITY)
    await settle()
    if (!this.#wire.closed && this.#socket.state === 'open') {
      claim(connection.queued === 0, 'what waits is counted back to nothing', connection.queued)
      claim(
        this.#socket.bufferedAmount === 0,
        'what is buffered is counted back to nothing',
        this.#socket.bufferedAmount,
      )
    }
    for (let left = 400; left > 0 && this.#promised.pending < 40; left--) this.#readOne()
    await settle()
    this.#promised.add(this.#socket.close(1000))
    await settle()
    if (this.#wire.isDone) this.#wire.close()
    await this.#clock.advance(FOR_EVER)
    await new Promise(setImmediate)
    await settle()
    if (this.#wire.isDone) this.#wire.close()
    await settle()
    this.#checkEnd()
  }

  #checkEnd(): void {
    const { connection, result } = this.#session
    claim(this.#wire.closed, 'a line whose peer is silent is cut', this.#socket.state)
    claim(result !== undefined, 'the end is told')
    claim(this.#promised.pending === 0, 'every promise is settled at the end', this.#promised.pending)
    claim(connection.queued === 0, 'nothing is queued at the end', connection.queued)
    claim(this.#clock.pending === 0, 'no timer is left at the end', this.#clock.pending)
    const output = this.#wire.output
    const ours = { masked: !this.#reading.masked, maxMessage: 1 << 26, compression: this.#reading.compression }
    const frames = readFrames(output, ours)
    claim(frames.at(-1)?.[0] !== 'fail', 'what is written can be read', frames)
    const close = frames.findIndex(([what]) => what === 'close')
    claim(
      close < 0 || frames.slice(close + 1).every(([what]) => what === 'pong'),
      'nothing but pongs is said behind a close frame',
    )
    isPrefix(messagesOf(output, ours, this.#forgets.ours), this.sent, 'messages are written in the order of the calls')
    isPrefix(this.read, messagesOf(this.#given, this.#reading, this.#forgets.theirs), 'messages are delivered in order')
    const theirs = readFrames(this.#given, this.#reading)
    const blamed = String(frames[close]?.[1]).startsWith(PROTOCOL_ERROR)
    // What may stand in a close frame is the target `close`'s.
    const mayBe = theirs.some(([what]) => what === 'fail' || what === 'close')
    claim(!blamed || mayBe, 'no peer is blamed that broke nothing', theirs.at(-1))
    claim(!result.clean || theirs.some(([what]) => what === 'close'), 'a clean end had a close frame of the peer')
  }

  /** What does not hang on when bytes came. */
  get outcome(): string {
    const { result } = this.#session
    return JSON.stringify([this.read, result?.code, result?.clean])
  }
}

function isPrefix(some: readonly Said[], all: readonly Said[], words: string): void {
  const at = some.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(all[i]))
  claim(at < 0, words, at, some[at], all[at], { some: some.length, all: all.length })
}

export const connection: Target = {
  name: 'connection',
  about:
    'a connection on a scripted wire: order, bounds, deadlines, every promise settled, no timer left, chunks of any shape',
  longest: 400,

  make: random => random.bytes(6 + random.below(160)),

  async run(input) {
    const outcomes: string[] = []
    for (const split of [WHOLE, SINGLE]) {
      const script = new Script(new Draw(input), split)
      await script.run()
      outcomes.push(script.outcome)
    }
    claim(outcomes[0] === outcomes[1], 'chunks of another shape make no difference', ...outcomes)
  },
}
