/** Compares what was seen with what may be seen. RFC 6455, and the outcomes of the case */
import type { Case, End, FieldValue, Message, Outcome, Payload } from '../case.ts'
import type { Observed } from './exchange.ts'
import { listOf } from './head.ts'
import { bytesOf, expand, preview } from './payload.ts'

export type Verdict = 'pass' | 'lenient' | 'informational' | 'strict-fail'

/** How the line ended, told apart. */
export type Ending = 'clean' | 'not ended' | 'unclean' | 'reset' | 'silence' | 'refused' | 'never opened'

export interface Judgement {
  readonly verdict: Verdict
  readonly ending: Ending
  /** What is wrong, or what is to be said of it. */
  readonly why: readonly string[]
}

/** A server for which compression, or whatever else the case needs, is no part of it is told so and no more. */
export function judge(of: Case, observed: Observed): Judgement {
  const ending = endingOf(observed)
  if (observed.faults.length > 0) return { verdict: 'strict-fail', ending, why: observed.faults }
  if (observed.lacks !== undefined) return { verdict: 'informational', ending, why: [observed.lacks] }
  const tried = of.outcomes.map(outcome => ({ outcome, why: differences(outcome, observed) }))
  const fits = tried.find(({ why }) => why.length === 0)
  if (fits === undefined)
    return { verdict: of.timed ? 'informational' : 'strict-fail', ending, why: tried[0]?.why ?? [] }
  const { verdict, note } = fits.outcome
  const best = fits === tried[0] ? [] : (tried[0]?.why ?? [])
  return { verdict: of.timed ? 'informational' : verdict, ending, why: note === undefined ? best : [note, ...best] }
}

function endingOf({ opened, status, seen, ended }: Observed): Ending {
  const closed = seen.some(({ kind }) => kind === 'close')
  if (!opened) return status === undefined ? 'never opened' : 'refused'
  if (closed) return ended === undefined ? 'not ended' : 'clean'
  if (ended === undefined) return 'silence'
  return ended === 'reset' ? 'reset' : 'unclean'
}

/** Where this is not what was seen; empty when it is. */
function differences(outcome: Outcome, observed: Observed): string[] {
  return [
    ...endDiffers(outcome.end, observed),
    ...messagesDiffer(outcome.messages ?? [], observed),
    ...pongsDiffer(outcome.pongs ?? [], observed),
    ...fieldsDiffer(outcome.fields ?? {}, observed),
    ...(outcome.early && !observed.early ? ['it was noticed only at the end, not at once'] : []),
  ]
}

function endDiffers(end: End, observed: Observed): string[] {
  const wanted = wants(end)
  const opened = observed.opened && end.how === 'refused'
  const came = `${wanted}, but ${opened ? 'it opened the line' : describe(observed)}`
  switch (end.how) {
    case 'refused':
      return isRefused(end.statuses, observed) ? [] : [came]
    case 'rejected':
      return observed.ended !== undefined && observed.seen.length === 0 ? [] : [came]
    case 'dropped':
      return isDropped(observed) ? [] : [came]
    case 'silent':
      return endingOf(observed) === 'silence' ? [] : [came]
    case 'closed':
      return isClosed(end, observed) ? [] : [came]
  }
}

const isRefused = (statuses: readonly number[] | 'any', { opened, status }: Observed): boolean =>
  !opened && status !== undefined && (statuses === 'any' || statuses.includes(status))

function isDropped(observed: Observed): boolean {
  const ending = endingOf(observed)
  return ending === 'unclean' || ending === 'reset' || (ending === 'never opened' && observed.ended !== undefined)
}

function isClosed(end: End & { how: 'closed' }, observed: Observed): boolean {
  const close = observed.seen.find(event => event.kind === 'close')
  if (endingOf(observed) !== 'clean' || close === undefined || (end.by === 'peer' && observed.asked)) return false
  return end.codes === 'any' || end.codes.includes(close.code)
}

function wants(end: End): string {
  switch (end.how) {
    case 'refused':
      return `the server should refuse${end.statuses === 'any' ? '' : ` with ${end.statuses.join(' or ')}`}`
    case 'rejected':
      return 'the client should end the connection without a frame'
    case 'dropped':
      return 'the peer should end the connection without a Close frame'
    case 'silent':
      return 'the line should stay open'
    case 'closed':
      return `the peer should close${end.codes === 'any' ? '' : ` with ${end.codes.join(' or ')}`}`
  }
}

function describe(observed: Observed): string {
  const close = observed.seen.find(event => event.kind === 'close')
  switch (endingOf(observed)) {
    case 'never opened':
      return observed.ended === undefined ? 'there was no answer to the request' : 'it ended the connection unanswered'
    case 'refused':
      return `it answered the request with ${observed.status}`
    case 'clean':
      return observed.asked
        ? `it answered the suite's Close frame with ${close?.code}`
        : `it closed with ${close?.code}`
    case 'not ended':
      return `it sent Close ${close?.code} and kept the connection`
    case 'unclean':
      return 'it ended the connection without a Close frame'
    case 'reset':
      return 'the connection was reset'
    case 'silence':
      return observed.seen.length === 0 ? 'nothing came until the deadline' : 'the line was open at the deadline'
  }
}

function messagesDiffer(messages: readonly Message[], { seen }: Observed): string[] {
  const came = seen.flatMap(event => (event.kind === 'text' || event.kind === 'binary' ? [event] : []))
  let index = 0
  for (const { type, data } of expand(messages)) {
    const message = came[index++]
    if (message === undefined) return [`message ${index} did not come: ${type}, ${preview(data, type === 'text')}`]
    if (message.kind !== type) return [`message ${index} should be ${type} and is ${message.kind}`]
    if (!message.data.equals(data))
      return [
        `message ${index} should be ${preview(data, type === 'text')} and is ${preview(message.data, type === 'text')}`,
      ]
  }
  const more = came[index]
  return more === undefined ? [] : [`a message came that should not: ${preview(more.data, more.kind === 'text')}`]
}

function pongsDiffer(pongs: readonly Payload[], { seen }: Observed): string[] {
  const came = seen.flatMap(event => (event.kind === 'pong' ? [event.data] : []))
  const due = pongs.map(bytesOf)
  let next = 0
  for (const pong of came) {
    const answers = due.findIndex((ping, index) => index >= next && ping.equals(pong))
    if (answers < 0) return [`a Pong came that answers no Ping: ${preview(pong, false)}`]
    next = answers + 1
  }
  return next === due.length ? [] : [`the Ping was not answered: ${preview(due.at(-1) ?? Buffer.alloc(0), false)}`]
}

function fieldsDiffer(wanted: Readonly<Record<string, FieldValue>>, { fields }: Observed): string[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    const came = fields.get(name.toLowerCase())
    const fits = value === null ? came === undefined : listOf(came).includes(value)
    return fits ? [] : [`${name} should be ${value ?? 'absent'} and is ${came?.join(', ') ?? 'absent'}`]
  })
}
