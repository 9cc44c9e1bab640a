/** What `hotline serve` says of itself, for tools that read AsyncAPI. */
import { readFileSync } from 'node:fs'
import { type AsyncApiDocument, asyncApi } from 'hotline/contract'

/** The routes that are described, with what they do. Those that let nobody in are not. */
const SUMMARIES = {
  '/echo': 'Every message comes back as it is.',
  '/rooms/:room': 'What one sends, everybody in the room gets, the sender too, unchanged.',
  '/topics': 'Topics by the subprotocol hotline.1, whose messages are described in its own specification.',
}

const title = 'hotline serve'
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

export const documentOf = (
  routes: Readonly<Record<string, object>>,
  host: string,
  protocol: 'ws' | 'wss',
): AsyncApiDocument =>
  asyncApi({
    info: { title, version, description: 'A server to try WebSocket on.' },
    servers: { here: { host, protocol } },
    routes: Object.fromEntries(Object.entries(routes).filter(([pattern]) => pattern in SUMMARIES)),
    summaries: SUMMARIES,
  })
