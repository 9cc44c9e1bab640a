/** What a node says about its members of a topic, as it stands between nodes: JSON, with names where there are not too many. */
import type { Member } from '../topics/subscriber.ts'
import type { Attendance } from './backplane.ts'

/** Members by their keys; above what is told by name, how many. */
export type Roll = { readonly members: ReadonlyMap<string, unknown> } | { readonly count: number }

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** @throws TypeError when JSON cannot write what is said of a member */
export function toAttendance(members: ReadonlyMap<string, Pick<Member, 'data'>>, max: number): Attendance {
  if (members.size > max) return encoder.encode(JSON.stringify({ count: members.size }))
  const names = [...members].map(([key, { data }]) => (data === undefined ? [key] : [key, data]))
  return encoder.encode(JSON.stringify({ members: names }))
}

/** @throws Error when no node can have written it */
export function readAttendance(attendance: Attendance): Roll {
  const { members, count } = JSON.parse(decoder.decode(attendance)) as { members?: unknown; count?: unknown }
  if (Array.isArray(members) && members.every(isMember))
    return { members: new Map(members.map(([key, data]) => [key, data])) }
  if (Number.isSafeInteger(count) && (count as number) >= 0) return { count: count as number }
  throw new Error('it says neither members nor how many')
}

const isMember = (value: unknown): value is [string, unknown] => Array.isArray(value) && typeof value[0] === 'string'
