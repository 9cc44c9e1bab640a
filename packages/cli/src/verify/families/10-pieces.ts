/** The words in which requests are written. */
import type { Head, Outcome } from '../case.ts'
import { type Draft, echoes, group, refuses, send, text, txt } from './pieces.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const roles = ['server'] as const
const opens = { steps: [send(text('Hello'))], outcomes: echoes(txt('Hello')) }

export type Heads = readonly (readonly [title: string, request: Head])[]
export type Fields = readonly (readonly [name: string, value: string])[]

export const usual: Fields = [
  ['Host', '{host}'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
]

/** A whole request, its first line and its fields. */
export const raw = (fields: Fields, separator = ': ', end = '\r\n'): Head => ({
  raw: ['GET {path} HTTP/1.1', ...fields.map(field => field.join(separator)), '', ''].join(end),
})

/** The usual request with these lines behind the first. */
export const behindStart = (lines: string, start = 'GET {path} HTTP/1.1'): Head => ({
  raw: [start, lines, ...usual.map(field => field.join(': ')), '', ''].join('\r\n'),
})

export const opened = (clause: string, why: string, heads: Heads): Draft[] => judged(clause, why, opens.outcomes, heads)

export const refused = (clause: string, why: string, statuses: readonly number[], heads: Heads): Draft[] =>
  group(
    { roles, clause, why },
    heads.map(([title, request]) => ({ title, request, steps: [], outcomes: refuses(...statuses) })),
  )

/** A message is sent should the line open. */
export const judged = (clause: string, why: string, outcomes: readonly Outcome[], heads: Heads): Draft[] =>
  group(
    { roles, clause, why },
    heads.map(([title, request]) => ({ title, request, ...opens, outcomes })),
  )

/** The server may open the line as well as refuse. */
export const either = (...statuses: number[]): Outcome[] => [
  { verdict: 'pass', end: { how: 'refused', statuses } },
  ...echoes(txt('Hello')),
  { verdict: 'lenient', end: { how: 'refused', statuses: 'any' }, note: 'another status says what was wrong' },
]

/** Best refused; that the line opens is not forbidden. */
export const better = (note: string, ...statuses: number[]): Outcome[] => [
  ...refuses(...statuses),
  ...echoes(txt('Hello')).map(outcome => ({ ...outcome, verdict: 'lenient', note }) satisfies Outcome),
]
