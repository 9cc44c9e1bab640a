/** What a server reads. docs/protocol.md, "What a client sends" */
import type { ClientMessage, Fault } from './messages.ts'
import { anything, count, flag, id, optional, position, readShape, type Shapes, text } from './shapes.ts'

const SHAPES: Shapes<ClientMessage> = {
  subscribe: {
    id,
    topic: text,
    since: optional(position),
    last: optional(count),
    presence: optional(flag),
    every: optional(count),
  },
  unsubscribe: { id, topic: text },
  publish: { id: optional(id), topic: text, data: anything, self: optional(flag) },
  request: { id, name: text, data: optional(anything), timeout: optional(count) },
  cancel: { id },
  reply: { id, data: optional(anything) },
  error: { id: optional(id), code: text, reason: text },
  ping: {},
}

/** Levels of objects and lists in a message: more cannot be written again by every encoder, of which some stop at 100. */
const MAX_DEPTH = 64

/**
 * Reads what a form has decoded of a client's message.
 *
 * @param size - characters or bytes that it was decoded from, where they are known: a short one cannot be deep
 */
export function readClientMessage(value: unknown, size = Number.POSITIVE_INFINITY): ClientMessage | Fault {
  const message = readShape(SHAPES, value)
  if (message.type === 'fault' || size <= MAX_DEPTH || !isDeeper(message, MAX_DEPTH)) return message
  const fault: Fault = { type: 'fault', code: 'malformed', reason: `nested deeper than ${MAX_DEPTH} levels` }
  return 'id' in message && message.id !== undefined ? { ...fault, id: message.id } : fault
}

/**
 * True for what JSON has not, by which it goes to readers too: integers that are BigInts, NaN and the infinities, what a decoder
 * makes of extensions (a Date, say), and bytes inside of a list or an object.
 */
export function isForeign(data: unknown): boolean {
  if (typeof data === 'bigint') return true
  if (typeof data === 'number') return !Number.isFinite(data)
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return false
  if (!Array.isArray(data) && !isPlain(data)) return true
  const parts = Array.isArray(data) ? data : Object.values(data)
  return parts.some(part => ArrayBuffer.isView(part) || isForeign(part))
}

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** True when there are more levels than that. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  if (levels === 0) return true
  const parts = Array.isArray(value) ? value : Object.values(value)
  for (const part of parts) if (isDeeper(part, levels - 1)) return true
  return false
}
