/** What `hotline serve` says of itself, for tools that read AsyncAPI. */
import { readFileSync } from 'node:fs'
import { type AsyncApiDocument, asyncApi, contract, type StandardSchema } from 'hotline/contract'
import { TOPICS } from './routes.ts'

/** The routes that are described, with what they do. Those that let nobody in are not. */
const SUMMARIES = {
  '/echo': 'Every message comes back as it is.',
  '/rooms/:room': 'What one sends, everybody in the room gets, the sender too, unchanged.',
  '/topics': 'Topics by the subprotocol hotline.1: everybody may read and publish.',
}

const title = 'hotline serve'
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** Whatever goes over the wire, by its JSON Schema. */
const whatever = (schema: Record<string, unknown>): StandardSchema => ({
  '~standard': { version: 1, vendor: title, validate: value => ({ value }), jsonSchema: { input: () => schema } },
})

/** Any data, and members without a word of themselves. */
const open = { data: whatever({ description: 'Any JSON value, or bytes.' }), presence: whatever({ type: 'null' }) }
/** Those that clients may read; rooms are of their own route. */
const patterns = Object.keys(TOPICS).filter(pattern => TOPICS[pattern]?.subscribe === true)
const topics = contract({ topics: Object.fromEntries(patterns.map(pattern => [pattern, open])) })

export const documentOf = (
  routes: Readonly<Record<string, object>>,
  host: string,
  protocol: 'ws' | 'wss',
): AsyncApiDocument =>
  asyncApi({
    info: { title, version, description: 'A server to try WebSocket on.' },
    servers: { here: { host, protocol } },
    routes: {
      ...Object.fromEntries(Object.entries(routes).filter(([pattern]) => pattern in SUMMARIES)),
      '/topics': topics,
    },
    summaries: SUMMARIES,
  })
