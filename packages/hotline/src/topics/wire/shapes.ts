/** What the fields of a message must be, as tables, and the reading of an object by them. docs/protocol.md, "Reading" */
import type { Fault } from './messages.ts'

/** What a field must be. */
export interface Kind {
  /** How the sentence ends: "id must be …". */
  readonly must: string
  readonly passes: (value: unknown) => boolean
  readonly optional?: boolean
}

/** The fields of each type of message. */
export type Shapes<M extends { readonly type: string }> = {
  readonly [T in M['type']]: { readonly [F in Exclude<keyof Extract<M, { type: T }>, 'type'>]-?: Kind }
}

export const optional = (kind: Kind): Kind => ({ ...kind, optional: true })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least

export const id: Kind = { must: 'a whole number from 1 to 2^53 - 1', passes: value => isWhole(value, 1) }
export const count: Kind = { must: 'a whole number from 0 to 2^53 - 1', passes: value => isWhole(value, 0) }
export const text: Kind = { must: 'a string', passes: value => typeof value === 'string' }
export const flag: Kind = { must: 'true or false', passes: value => typeof value === 'boolean' }
export const anything: Kind = { must: 'there', passes: () => true }
export const object: Kind = { must: 'an object', passes: isObject }
export const texts: Kind = {
  must: 'a list of strings',
  passes: value => Array.isArray(value) && value.every(text.passes),
}
export const position: Kind = {
  must: 'an object of a string epoch and a whole number offset',
  passes: value => isObject(value) && text.passes(own(value, 'epoch')) && count.passes(own(value, 'offset')),
}
export const presence: Kind = {
  must: 'an object of a whole number count and perhaps an object members',
  passes: value =>
    isObject(value) &&
    count.passes(own(value, 'count')) &&
    (own(value, 'members') === undefined || isObject(own(value, 'members'))),
}

/** What an object itself has, and not what it inherits. */
const own = (from: Readonly<Record<string, unknown>>, field: string): unknown =>
  Object.hasOwn(from, field) ? from[field] : undefined

/** The value as the message that it is, unknown fields and all; else the fault that it has. */
export function readShape<M extends { readonly type: string }>(shapes: Shapes<M>, value: unknown): M | Fault {
  if (!isObject(value)) return { type: 'fault', code: 'malformed', reason: 'a message must be an object' }
  const fault = (code: Fault['code'], reason: string): Fault =>
    id.passes(own(value, 'id'))
      ? { type: 'fault', code, id: value['id'] as number, reason }
      : { type: 'fault', code, reason }
  const type = own(value, 'type')
  if (typeof type !== 'string') return fault('malformed', 'type must be a string')
  if (!Object.hasOwn(shapes, type)) return fault('unknown-type', `no message has the type ${type.slice(0, 40)}`)
  const fields = Object.entries<Kind>(shapes[type as M['type']])
  for (const [field, { must, passes, optional }] of fields) {
    const there = Object.hasOwn(value, field) && value[field] !== undefined
    if (there ? !passes(value[field]) : !optional) return fault('malformed', `${field} of ${type} must be ${must}`)
  }
  return value as unknown as M
}
