/** Plays the steps of a case on an open line, and brings the line to its end. */
import { setTimeout } from 'node:timers/promises'
import type { Case, Message, Outcome, Step } from '../case.ts'
import type { Exchange } from './exchange.ts'
import { encode, inWords, OPCODES } from './frame.ts'
import { bytesOf, countOf, preview } from './payload.ts'

/** Never rejects because of what the peer does. */
export async function play(of: Case, exchange: Exchange): Promise<void> {
  if (exchange.lacks === undefined) {
    for (const step of of.steps) {
      if (exchange.over) break
      await STEPS[step.do](step as never, exchange)
    }
    exchange.played = true
    await awaitBest(of, exchange)
  }
  await finish(of, exchange)
}

const STEPS: { readonly [Name in Step['do']]: (step: Step & { do: Name }, exchange: Exchange) => Promise<unknown> } = {
  async send({ frames: usual, kept, chop, times = 1 }, exchange) {
    const frames = kept && exchange.deflater?.direction.takeover ? kept : usual
    const bytes = Buffer.concat(frames.map(frame => encode(frame, exchange.role === 'server')))
    const words = frames.map(inWords).join('; ')
    if (frames.some(({ opcode }) => opcode === OPCODES.close)) exchange.closeSent = true
    for (let count = 0; count < times && !exchange.over; count++) await exchange.line.write(bytes, words, chop)
  },
  async message(step, exchange) {
    for (let count = 0; count < (step.times ?? 1) && !exchange.over; count++) await sendMessage(step, exchange)
  },
  await({ what, count = 1, for: milliseconds }, exchange) {
    const there = (): boolean => what !== 'end' && exchange.counts[what] >= count
    return exchange.until(() => exchange.over || there(), milliseconds)
  },
  pause: ({ milliseconds }) => setTimeout(milliseconds),
  async 'hang up'({ how }, exchange) {
    if (how === 'half') exchange.line.leave()
    else exchange.line.cut()
  },
}

async function sendMessage(step: Step & { do: 'message' } & Message, exchange: Exchange): Promise<void> {
  const { type, compressed, fragments = 1 } = step
  const data = bytesOf(step.payload)
  const payload = compressed && exchange.deflater ? exchange.deflater.compress(data, step) : data
  const size = Math.max(1, Math.ceil(payload.length / fragments))
  const frames = Array.from({ length: fragments }, (_, index) => ({
    opcode: index === 0 ? OPCODES[type] : OPCODES.continuation,
    fin: index === fragments - 1,
    rsv: compressed && index === 0 ? 4 : 0,
    payload: payload.subarray(index * size, index === fragments - 1 ? undefined : (index + 1) * size),
  }))
  const bytes = Buffer.concat(frames.map(frame => encode(frame, exchange.role === 'server')))
  const how = `${compressed ? 'compressed ' : ''}${type} message in ${fragments} frame${fragments === 1 ? '' : 's'}`
  await exchange.line.write(bytes, `${how}, ${preview(data, type === 'text')}`)
}

/** How long a peer has to fail the connection when it has already answered what it should not, or to answer at the deadline. */
const GRACE = 300

/** Waits for as much as the best outcome has, or as another one has that lets the suite close. */
async function awaitBest({ outcomes }: Case, exchange: Exchange): Promise<void> {
  const [best, ...others] = outcomes
  const came = (outcome: Outcome | undefined): boolean => outcome !== undefined && hasCome(outcome, exchange)
  const answered = others.filter(({ messages = [], pongs = [] }) => messages.length + pongs.length > 0)
  // A line that is open can no more be refused: nothing else is hoped for.
  const most = best?.end.how === 'refused' && answered.length === 0 ? GRACE : Number.POSITIVE_INFINITY
  await exchange.until(() => exchange.over || came(best) || answered.some(came), most)
  if (!exchange.over && !came(best)) await exchange.until(() => exchange.over || came(best), GRACE)
}

function hasCome({ messages, pongs = [], end }: Outcome, { counts, seen }: Exchange): boolean {
  const last = bytesOf(pongs.at(-1))
  if (end.how !== 'closed' || end.by === 'peer' || counts.messages < countOf(messages)) return false
  return pongs.length === 0 || seen.some(event => event.kind === 'pong' && event.data.equals(last))
}

/** The closing handshake, begun or answered, and the end of the TCP connection. RFC 6455 §7.1 */
async function finish({ outcomes }: Case, exchange: Exchange): Promise<void> {
  const ours = exchange.lacks !== undefined || outcomes.some(outcome => hasCome(outcome, exchange))
  if (ours && !exchange.over && !exchange.closeSent) {
    exchange.asked = true
    exchange.allow(GRACE)
    await close(exchange, 1000)
  }
  if (ours || exchange.close !== undefined) await exchange.until(() => exchange.over)
  if (exchange.close !== undefined) {
    if (!exchange.closeSent && exchange.ended === undefined) await close(exchange, exchange.close.code)
    // The server ends the connection first. §7.1.1
    if (exchange.role === 'client') exchange.line.leave()
    await exchange.until(() => exchange.ended !== undefined)
  }
  exchange.line.abandon()
}

async function close(exchange: Exchange, code: number | 'none'): Promise<void> {
  const payload = Buffer.alloc(code === 'none' ? 0 : 2)
  if (code !== 'none') payload.writeUInt16BE(code)
  exchange.closeSent = true
  await exchange.line.write(encode({ opcode: OPCODES.close, payload }, exchange.role === 'server'), `Close ${code}`)
}
