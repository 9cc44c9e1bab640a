/** An endpoint as a state machine under random commands, both roles, beside a model of what it may say and do. RFC 6455 §5.5, §7 */
import { ProtocolError, UsageError } from '../../packages/hotline/src/errors.ts'
import { Endpoint, type EndpointSink } from '../../packages/hotline/src/protocol/endpoint.ts'
import { Opcode } from '../../packages/hotline/src/protocol/opcode.ts'
import { portableCodec } from '../../packages/hotline/src/protocol/text.ts'
import { frame, join, pieces, SINGLE, type Split, WHOLE } from '../engine/bytes.ts'
import { Draw } from '../engine/draw.ts'
import { claim, type Target } from '../engine/target.ts'
import { maySend } from '../reference/codes.ts'
import { type Reading, readFrames, type Told, toHex } from '../reference/frames.ts'
import { decodeUtf8, readUtf8 } from '../reference/utf8.ts'
import { drawBytes, drawText, Sheet } from './encode.ts'
import { lend } from './reading.ts'

type Event = readonly unknown[]

/** Byte by byte is dear for what is long. */
const MIXED: Split = [1, 1, 1, 1, 1, 1, 1, 1, 997]

/** What is told to the owner of an endpoint. */
class Owner implements EndpointSink {
  readonly events: Event[] = []

  text(data: string): void {
    this.#tell(['text', data])
  }

  binary(data: Uint8Array): void {
    this.#tell(['binary', toHex(data)])
  }

  compressed(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#tell(['compressed', opcode, toHex(bytes.subarray(start, end))])
  }

  pong(bytes: Uint8Array, start: number, end: number): void {
    this.#tell(['pong', toHex(bytes.subarray(start, end))])
  }

  closing({ code, reason }: { code: number; reason: string }, error?: ProtocolError): void {
    this.#tell(error === undefined ? ['closing', code, reason] : ['failed', error.closeCode])
  }

  hangup(): void {
    this.#tell(['hangup'])
  }

  #tell(event: Event): void {
    claim(this.events.at(-1)?.[0] !== 'hangup', 'nothing is told after the hangup', event)
    this.events.push(event)
  }
}

/** The model: what must be told and written, by the words of the standard and nothing else. */
class Model {
  readonly events: Event[] = []
  readonly written: Told[] = []
  phase: 'open' | 'closing' | 'closed' = 'open'
  over = false
  /** The newest ping that waits for the peer to read. */
  pending: string | undefined
  congested = false

  sent(told: Told): void {
    claim(this.phase === 'open', 'the model sends while it is open')
    this.written.push(told)
  }

  close(code: number, reason: string): void {
    if (this.phase !== 'open') return
    this.written.push(['close', closeHex(code, reason)])
    this.phase = 'closing'
  }

  drained(): void {
    if (this.pending !== undefined) this.written.push(['pong', this.pending])
    this.pending = undefined
  }

  /** A fault of the peer: a close frame with its code unless one is out, then the end. §7.1.7 */
  fail(code: number, reason?: string): void {
    if (this.over) return
    this.over = true
    this.pending = undefined
    if (this.phase === 'open')
      this.written.push(['close', reason === undefined ? `${hex16(code)}*` : closeHex(code, reason)])
    if (this.phase === 'open') this.phase = 'closing'
    this.events.push(['failed', code], ['hangup'])
  }

  heard(told: Told): void {
    if (this.over) return
    const [what, data] = told
    if (what === 'fail') this.fail(data)
    else if (what === 'ping') this.#ping(data)
    else if (what === 'pong') this.events.push(['pong', data])
    else if (what === 'close') this.#close(data)
    else if (this.phase === 'open') this.events.push(told)
  }

  /** §5.5.3: under congestion the newest is enough. */
  #ping(payload: string): void {
    if (this.congested) this.pending = payload
    else {
      this.pending = undefined
      this.written.push(['pong', payload])
    }
  }

  /** §5.5.1, §7.4.1 */
  #close(payload: string): void {
    const bytes = Buffer.from(payload, 'hex')
    const code = bytes.length === 0 ? 1005 : bytes.length === 1 ? 0 : bytes.readUInt16BE(0)
    if (!maySend(code) && bytes.length > 0) {
      this.fail(1002)
      return
    }
    const reason = new Uint8Array(bytes.subarray(2))
    const { wrongAt, complete } = readUtf8(reason)
    if (wrongAt < reason.length || !complete) {
      this.fail(1007)
      return
    }
    this.over = true
    this.pending = undefined
    if (this.phase === 'open') {
      this.written.push(['close', payload])
      this.events.push(['closing', code, decodeUtf8(reason)])
    }
    this.phase = 'closed'
    this.events.push(['hangup'])
  }
}

const hex16 = (code: number): string => code.toString(16).padStart(4, '0')
const closeHex = (code: number, reason: string): string =>
  code === 1005 ? '' : hex16(code) + Buffer.from(reason).toString('hex')

/** One run: the endpoint, the model, and what the peer has sent. */
class Run {
  readonly #draw: Draw
  readonly #reading: Reading
  readonly #split: Split
  readonly sheet = new Sheet()
  readonly owner = new Owner()
  readonly model = new Model()
  readonly #endpoint: Endpoint
  #heard: Uint8Array = new Uint8Array(0)
  #told = 0
  #unread: Uint8Array = new Uint8Array(0)
  #paused = false
  #inside = false
  #bytesRead = 0
  #answered = 0

  constructor(draw: Draw, split: Split) {
    this.#draw = draw
    this.#split = split
    const options = draw.byte()
    const server = (options & 1) !== 0
    const maxMessage = (options & 2) !== 0 ? 300 : 100_000
    this.#reading = { masked: server, maxMessage, compression: (options & 4) !== 0 }
    let key = options
    const randomKey = (): number => (key = (Math.imul(key, 1_664_525) + 1_013_904_223) | 0)
    const all = { role: server ? 'server' : 'client', maxMessage, codec: portableCodec, randomKey } as const
    this.#endpoint = new Endpoint({ ...all, compression: this.#reading.compression }, this.sheet, this.owner)
  }

  step(): void {
    const draw = this.#draw
    const { [draw.below(14)]: command = () => this.#read(this.#peerFrame()) } = this.#commands
    command()
  }

  /** What may be done beside reading frames of the peer, which is done most. */
  readonly #commands: readonly (() => void)[] = [
    () => this.#close(),
    () => this.#fail(new ProtocolError('we say so', this.#draw.pick([1002, 1008, 1011]))),
    () => this.#congest(this.#draw.below(2) === 0),
    () => {
      this.#paused = true
      this.#endpoint.pause()
    },
    () => {
      this.#paused = false
      this.#endpoint.resume()
      this.#read(new Uint8Array(0))
    },
    () => this.#send(),
    () => this.#send(),
    () => this.#read(this.#draw.bytes(this.#draw.below(30))),
  ]

  #congest(congested: boolean): void {
    this.sheet.congested = this.model.congested = congested
    if (congested) return
    this.#endpoint.drained()
    this.model.drained()
  }

  /** A frame that may come next, as a rule. */
  #peerFrame(): Uint8Array {
    const draw = this.#draw
    const kind = draw.below(16)
    const key = this.#reading.masked !== (draw.byte() === 7) ? draw.word() * 65_537 : undefined
    if (kind < 7) return frame({ first: kind < 4 ? 0x89 : 0x8a, payload: draw.bytes(draw.pick([0, 1, 5, 125])), key })
    if (kind === 7) {
      const code = draw.pick([1000, 1001, 1005, 999, 3000, draw.word()])
      const payload = join([[code >> 8, code], draw.bytes(draw.pick([0, 3, 123]))])
      return frame({ first: 0x88, payload: draw.below(3) === 0 ? new Uint8Array(0) : payload, key })
    }
    const final = draw.below(3) > 0
    const first = (final ? 0x80 : 0) | (this.#inside ? 0 : draw.pick([1, 2])) | (draw.byte() === 9 ? 0x40 : 0)
    this.#inside = !final
    const payload = draw.below(2) === 0 ? new Uint8Array(Buffer.from(drawText(draw))) : drawBytes(draw)
    return frame({ first, payload, key })
  }

  #send(): void {
    const draw = this.#draw
    const endpoint = this.#endpoint
    if (!endpoint.isOpen) return
    const kind = draw.below(4)
    if (kind === 0) {
      const payload = draw.bytes(draw.below(140))
      if (!this.#refuses(() => endpoint.ping(payload), payload.length > 125)) this.model.sent(['ping', toHex(payload)])
    } else if (kind === 1 && this.#reading.compression) {
      const payload = drawBytes(draw)
      endpoint.sendCompressed(Opcode.binary, payload)
      this.model.sent(['compressed', 2, toHex(payload)])
    } else if (kind === 2) {
      const data = drawText(draw)
      endpoint.sendText(data)
      this.model.sent(['text', new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(data))])
    } else {
      const data = drawBytes(draw)
      const cut = draw.below(data.length + 1)
      endpoint.sendBinary(data.subarray(0, cut), Opcode.binary, false)
      endpoint.sendBinary(data.subarray(cut), Opcode.continuation, true)
      this.model.sent(['binary', toHex(data)])
    }
  }

  /** True when it was refused, which it must be where it is wrong. */
  #refuses(work: () => void, wrong: boolean): boolean {
    try {
      work()
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      claim(wrong, 'what is right is not refused', error.message)
      return true
    }
    claim(!wrong, 'what must not be sent is refused')
    return false
  }

  #close(): void {
    const draw = this.#draw
    const code = draw.pick([1000, 1001, 1005, 3000, 4999, 1006, draw.word()])
    const reason = drawText(draw).slice(0, draw.below(130))
    const wrong = Buffer.byteLength(reason) > 123 || !(maySend(code) || (code === 1005 && reason === ''))
    if (!this.#refuses(() => this.#endpoint.close(code, reason), wrong)) this.model.close(code, reason)
  }

  #fail(error: ProtocolError): void {
    this.#endpoint.fail(error)
    this.model.fail(error.closeCode, error.message)
  }

  /** Hands bytes over; what a paused endpoint leaves comes again with the next. */
  #read(bytes: Uint8Array): void {
    const all = join([this.#unread, bytes])
    let at = 0
    for (const piece of pieces(all, all.length > 600 && this.#split === SINGLE ? MIXED : this.#split)) {
      let read = 0
      lend(piece, 'plain', (room, start, end) => {
        read = this.#endpoint.receive(room, start, end) - start
      })
      at += read
      if (read < piece.length) break
    }
    claim(at === all.length || this.#paused, 'only a pause leaves something unread')
    this.#bytesRead += at
    this.#unread = all.slice(at)
    this.#heard = join([this.#heard, all.subarray(0, at)])
    const told = readFrames(this.#heard, this.#reading)
    for (const one of told.slice(this.#told)) this.model.heard(one)
    this.#told = told.length
  }

  /** What was told and written so far is what the model says. */
  check(): void {
    claim(
      JSON.stringify(this.owner.events) === JSON.stringify(this.model.events),
      'an endpoint tells what the model tells',
      this.owner.events,
      this.model.events,
    )
    const { model } = this
    const { state } = this.#endpoint
    claim(state.phase === model.phase, 'an endpoint is in the state of the model', state.phase, model.phase)
    const bytes = join(this.sheet.written)
    const written = readFrames(bytes, { masked: !this.#reading.masked, compression: true, maxMessage: 1 << 26 })
    claim(
      written.length === model.written.length && written.every((one, i) => matches(one, model.written[i] as Told)),
      'an endpoint writes what the model writes',
      written,
      model.written,
    )
    this.#answered = written.filter(([what]) => what === 'pong').length
    claim(this.#answered <= this.#bytesRead / 2, 'answers are no more than what asked for them')
  }
}

/** A star stands for any reason: words are ours to choose. */
function matches([what, data]: Told, [wanted, model]: Told): boolean {
  if (what !== wanted) return false
  const prefix = typeof model === 'string' && model.endsWith('*') ? model.slice(0, -1) : undefined
  return prefix === undefined ? data === model : String(data).startsWith(prefix)
}

export const endpoint: Target = {
  name: 'endpoint',
  about: 'an endpoint under random commands and frames, both roles: a model of states, events, answers and close codes',
  longest: 400,

  make: random => random.bytes(4 + random.below(200)),

  run(input) {
    for (const split of [WHOLE, SINGLE]) {
      const draw = new Draw(input)
      const run = new Run(draw, split)
      for (let left = 60; left > 0 && !draw.done; left--) run.step()
      run.check()
    }
  },
}
