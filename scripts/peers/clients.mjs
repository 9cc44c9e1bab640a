/** One client in a process of its own: `node clients.mjs NAME URL PARALLEL`. Prints its version, and what it threw. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { drive } from './drive.mjs'

/** The largest message of a case that is not about limits. */
const LARGEST = 16_777_216

/** @param {string} name */
const versionOf = name =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../node_modules', name, 'package.json'), 'utf8')).version

/** Each with compression, and trusting any certificate. */
const clients = /** @type {Record<string, () => Promise<{ version: string, open: (url: string) => WebSocket }>>} */ ({
  async hotline() {
    const { WebSocket } = await import('hotline')
    const options = { maxMessage: LARGEST, tls: { rejectUnauthorized: false } }
    return { version: versionOf('hotline'), open: url => new WebSocket(url, [], options) }
  },
  async ws() {
    const { WebSocket } = await import('ws')
    const options = { perMessageDeflate: true, maxPayload: LARGEST, rejectUnauthorized: false }
    return { version: versionOf('ws'), open: url => /** @type {any} */ (new WebSocket(url, options)) }
  },
  async 'faye-websocket'() {
    const require = createRequire(import.meta.url)
    const { Client } = require('faye-websocket')
    const options = {
      extensions: [require('permessage-deflate')],
      maxLength: LARGEST,
      tls: { rejectUnauthorized: false },
    }
    return { version: versionOf('faye-websocket'), open: url => new Client(url, [], options) }
  },
  async undici() {
    const { Agent, WebSocket } = await import('undici')
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false }, webSocket: { maxPayloadSize: LARGEST } })
    return { version: versionOf('undici'), open: url => /** @type {any} */ (new WebSocket(url, { dispatcher })) }
  },
  async node() {
    return { version: process.version.slice(1), open: url => new WebSocket(url) }
  },
})

const [name = '', base = '', parallel = '1'] = process.argv.slice(2)
const client = clients[name]
if (client === undefined) throw new Error(`there is no client ${name}`)
const { version, open } = await client()
console.log(version)
// What a peer sends must not end a client; where it does, the report is not to end with it.
process.on('uncaughtException', error => console.error(`uncaught: ${error}`))
await drive(open, base, name, Number(parallel))
process.exit()
