/** The words in which the families are written. */
import type { Case, Family, Frame, Message, Outcome, Payload, Step } from '../case.ts'
import { OPCODES } from '../engine/frame.ts'

type Extra = Omit<Frame, 'opcode' | 'payload'>
export const text = (payload: Payload = '', extra: Extra = {}): Frame => ({ opcode: OPCODES.text, payload, ...extra })
export const binary = (payload: Payload = '', extra: Extra = {}): Frame => ({
  opcode: OPCODES.binary,
  payload,
  ...extra,
})
export const more = (payload: Payload = '', extra: Extra = {}): Frame => ({
  opcode: OPCODES.continuation,
  payload,
  ...extra,
})
export const ping = (payload: Payload = '', extra: Extra = {}): Frame => ({ opcode: OPCODES.ping, payload, ...extra })
export const pong = (payload: Payload = '', extra: Extra = {}): Frame => ({ opcode: OPCODES.pong, payload, ...extra })
export const first = { fin: false } as const

/** A Close frame; without a code it is empty. */
export function close(code?: number, reason: Payload = ''): Frame {
  if (code === undefined) return { opcode: OPCODES.close }
  const rest = typeof reason === 'string' ? Buffer.from(reason) : (reason as Uint8Array)
  return { opcode: OPCODES.close, payload: Buffer.concat([Buffer.from([code >> 8, code & 255]), rest]) }
}

export const send = (...frames: Frame[]): Step => ({ do: 'send', frames })
export const chopped = (chop: number, ...frames: Frame[]): Step => ({ do: 'send', frames, chop })
export const messages = (count = 1): Step => ({ do: 'await', what: 'messages', count })
export const pongs = (count = 1): Step => ({ do: 'await', what: 'pongs', count })
/** How long a peer that fails at once may take to do so. */
export const soon: Step = { do: 'await', what: 'end', for: 1000 }

export const txt = (payload: Payload, times?: number): Message => message('text', payload, times)
export const bin = (payload: Payload, times?: number): Message => message('binary', payload, times)
const message = (type: Message['type'], payload: Payload, times?: number): Message => ({
  type,
  payload,
  ...(times === undefined ? {} : { times }),
})

type Seen = Pick<Outcome, 'messages' | 'pongs'>

/** These come back, and then the suite closes. */
export const echoes = (...all: Message[]): Outcome[] => answers({ messages: all })

export const answers = (seen: Seen): Outcome[] => [
  { verdict: 'pass', ...seen, end: { how: 'closed', by: 'suite', codes: [1000] } },
  {
    verdict: 'lenient',
    ...seen,
    end: { how: 'closed', by: 'suite', codes: 'any' },
    note: '§5.5.1: the Close frame that answers typically has the code of the other',
  },
]

/** The peer fails the connection, best with one of these codes. §7.1.7 */
export const fails = (codes: readonly number[], seen: Seen = {}, early = false): Outcome[] => {
  const best: Outcome = {
    verdict: 'pass',
    ...seen,
    end: { how: 'closed', by: 'peer', codes },
    ...(early ? { early } : {}),
  }
  return [
    best,
    ...(early
      ? [{ ...best, verdict: 'lenient', early: false, note: '§8.1: failing at once is best' } satisfies Outcome]
      : []),
    {
      verdict: 'lenient',
      ...seen,
      end: { how: 'closed', by: 'peer', codes: 'any' },
      note: '§7.4.1: another code says what was wrong',
    },
    {
      verdict: 'lenient',
      ...seen,
      end: { how: 'dropped' },
      note: '§7.1.7: a Close frame should say what was wrong',
    },
  ]
}

/** Codes that say that something was wrong. §7.4.1 */
const ERRORS = [1002, 1003, 1007, 1008, 1009, 1010, 1011]

/** As `fails`, after a Close frame that is wrong: who answers it as if it were right has not seen that. */
export const failsClose = (codes: readonly number[]): Outcome[] =>
  fails(codes).map(outcome =>
    outcome.end.how === 'closed' && outcome.end.codes === 'any'
      ? { ...outcome, end: { ...outcome.end, codes: ERRORS } }
      : outcome,
  )

/** It keeps the line although it need not wait. */
export const waits = (note: string): Outcome => ({ verdict: 'lenient', end: { how: 'silent' }, note })

/** An answer MUST say that there is no line. RFC 6455 §4.2.1 */
export const refuses = (...statuses: number[]): Outcome[] => [
  { verdict: 'pass', end: { how: 'refused', statuses } },
  { verdict: 'lenient', end: { how: 'refused', statuses: 'any' }, note: 'another status says what was wrong' },
]

/** What is no request of HTTP SHOULD be answered. RFC 9112 §2.2 */
export const hangsUp: Outcome = {
  verdict: 'lenient',
  end: { how: 'dropped' },
  note: 'RFC 9112 §2.2: an answer should say what was wrong',
}

/** A case without its number. */
export type Draft = Omit<Case, 'id'>

/** A list of drafts, each with what they have in common. */
export const group = (common: Partial<Draft> & Pick<Draft, 'clause' | 'why'>, drafts: readonly GroupDraft[]): Draft[] =>
  drafts.map(draft => ({ ...common, ...draft }))
type GroupDraft = Omit<Draft, 'clause' | 'why'> & Partial<Pick<Draft, 'clause' | 'why'>>

/** Numbers the groups from 1 on, and the cases of each. New ones stand behind the others, so that numbers stay. */
export const family = (number: number, title: string, groups: readonly (readonly Draft[])[]): Family => ({
  number,
  title,
  cases: groups.flatMap((drafts, group) =>
    drafts.map((draft, index) => ({ id: `${number}.${group + 1}.${index + 1}`, ...draft })),
  ),
})
