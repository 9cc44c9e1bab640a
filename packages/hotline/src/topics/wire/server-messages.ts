/** What a client reads. docs/protocol.md, "What a server sends" */
import type { Fault, ServerMessage } from './messages.ts'
import { anything, count, flag, id, object, optional, presence, readShape, type Shapes, text, texts } from './shapes.ts'

const SHAPES: Shapes<ServerMessage> = {
  welcome: { version: id, heartbeat: count },
  subscribed: {
    id: optional(id),
    topic: text,
    epoch: optional(text),
    offset: optional(count),
    recovered: optional(flag),
    code: optional(text),
    reason: optional(text),
    presence: optional(presence),
  },
  unsubscribed: { id: optional(id), topic: text, code: optional(text), reason: optional(text) },
  published: { id, offset: optional(count) },
  publication: { topic: text, offset: optional(count), data: anything },
  passed: { topic: text, count },
  presence: {
    topic: text,
    count,
    members: optional(object),
    join: optional(object),
    leave: optional(texts),
  },
  request: { id, name: text, data: optional(anything), timeout: optional(count) },
  cancel: { id },
  reply: { id, data: optional(anything) },
  error: { id: optional(id), code: text, reason: text },
  pong: {},
  retry: { after: count },
  notice: { code: text, reason: text },
}

/** Reads what a form has decoded of a server's message. */
export const readServerMessage = (value: unknown): ServerMessage | Fault => readShape(SHAPES, value)
