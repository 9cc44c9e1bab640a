/** The messages of hotline.1 that carry what a contract says, as JSON Schemas: those of docs/protocol.md, which a test compares. */
import type { JsonSchema } from './json-schema.ts'

const text = { type: 'string' }
const id = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }
const count = { ...id, minimum: 0 }

const envelope = (
  title: string,
  required: readonly string[],
  properties: Readonly<Record<string, object>>,
): JsonSchema => ({
  title,
  type: 'object',
  required: ['type', ...required],
  properties: { type: { const: title.split(': ')[1] }, ...properties },
})

export const ENVELOPES = {
  publish: envelope('client: publish', ['topic', 'data'], { id, topic: text, data: {}, self: { type: 'boolean' } }),
  published: envelope('server: published', ['id'], { id, offset: count }),
  publication: envelope('server: publication', ['topic', 'data'], { topic: text, offset: count, data: {} }),
  presence: envelope('server: presence', ['topic', 'count'], {
    topic: text,
    count,
    members: { type: 'object' },
    join: { type: 'object' },
    leave: { type: 'array', items: text },
  }),
  request: envelope('both: request', ['id', 'name'], { id, name: text, data: {}, timeout: count }),
  reply: envelope('both: reply', ['id'], { id, data: {} }),
  notice: envelope('server: notice', ['code', 'reason'], { code: text, reason: text }),
  error: envelope('both: error', ['code', 'reason'], { id, code: text, reason: text }),
}
