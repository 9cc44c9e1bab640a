/** Runs standard input as a script, in a world where `WebSocket` is hotline's, as it would run in a browser. */
import { text } from 'node:stream/consumers'
import { runInThisContext } from 'node:vm'
import { WebSocket } from 'hotline'

Object.assign(globalThis, { WebSocket })
runInThisContext(await text(process.stdin), { filename: 'seed-client.js' })
