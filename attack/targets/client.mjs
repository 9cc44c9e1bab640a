/** The client under attack: it does what it is told over a connection, a line of JSON each, and says what came of it. */
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { hotline, nameOf, ws } from './clients.mjs'

/** @typedef {{ open?: { url: string, protocols?: string[], options?: object }, send?: string, count?: number, closed?: true }} Order */

const kind = process.argv[2] === 'ws' ? ws : hotline

const values = /** @type {Record<string, unknown>} */ ({
  text: 'text',
  number: 4_096,
  nothing: undefined,
  nil: null,
  object: { length: 4_096 },
  list: [1, 2, 3],
  shared: new Uint8Array(new SharedArrayBuffer(8)).fill(7),
  bytes: new Uint8Array(8).fill(7),
  view: new DataView(new Uint8Array(16).fill(7).buffer, 4, 8),
})

const server = createServer(wire => {
  wire.on('error', () => {})
  /** @type {Awaited<ReturnType<typeof hotline>> | undefined} */
  let socket
  /** @param {Order} order */
  const obey = async ({ open, send, count = 1, closed }) => {
    if (open) socket = await kind(open.url, open.protocols ?? [], open.options ?? {})
    if (send) for (let sent = 0; sent < count; sent++) await socket?.send(/** @type {string} */ (values[send]))
    if (closed) return { closed: await socket?.closed }
    return { done: true }
  }
  let turn = Promise.resolve()
  createInterface(wire)
    .on('error', () => {})
    .on('line', line => {
      turn = turn.then(() =>
        obey(JSON.parse(line)).then(
          answer => void wire.write(`${JSON.stringify(answer)}\n`),
          error => void wire.write(`${JSON.stringify({ error: nameOf(error) })}\n`),
        ),
      )
    })
  wire.on('close', () => socket?.terminate())
})
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.stdout.write(`ws://127.0.0.1:${port}\n`)
})
process.once('SIGTERM', () => process.exit())
