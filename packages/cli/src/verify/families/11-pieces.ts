/** The words in which answers are written. */
import type { Head, Outcome } from '../case.ts'
import { echoes, group, send, text, txt } from './pieces.ts'

export const roles = ['client'] as const
export type Heads = readonly (readonly [string, Head])[]

export const opened = (clause: string, why: string, heads: Heads) =>
  group(
    { roles, clause, why },
    heads.map(([title, answer]) => ({ title, answer, steps: [send(text('Hello'))], outcomes: echoes(txt('Hello')) })),
  )

export const rejects: Outcome[] = [
  { verdict: 'pass', end: { how: 'rejected' } },
  {
    verdict: 'lenient',
    end: { how: 'closed', by: 'peer', codes: 'any' },
    note: '§4.1: it sends a Close frame on a line that was never open',
  },
]

export const rejected = (clause: string, why: string, heads: Heads) =>
  group(
    { roles, clause, why },
    heads.map(([title, answer]) => ({ title, answer, steps: [], outcomes: rejects })),
  )

/** A client that opens the line has broken no MUST. */
export const tolerated = (verdict: 'pass' | 'lenient', note: string, clause: string, why: string, heads: Heads) =>
  group(
    { roles, clause, why },
    heads.map(([title, answer]) => ({
      title,
      answer,
      steps: [send(text('Hello'))],
      outcomes: [...rejects, ...echoes(txt('Hello')).map(outcome => ({ ...outcome, verdict, note }))],
    })),
  )

export const usual = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: {accept}']
export const raw = (...lines: string[]): Head => ({ raw: [...lines, '', ''].join('\r\n') })
export const START = 'HTTP/1.1 101 Switching Protocols'
