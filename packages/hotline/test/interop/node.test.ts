/** The WebSocket class that Node itself has, from version 22 on. */
import { describe } from 'vitest'
import { converses, type End, web } from './conversation.ts'
import { type Connects, toOurServer } from './hotline.ts'

const Native = (globalThis as { WebSocket?: new (url: string) => Parameters<typeof web>[0] }).WebSocket

const connect: Connects = url =>
  new Promise<End>((resolve, reject) => {
    if (Native === undefined) throw new Error('this Node has no WebSocket')
    const socket = new Native(url) as Parameters<typeof web>[0] & EventTarget
    const end = web(socket)
    socket.addEventListener('open' as never, () => resolve(end))
    socket.addEventListener('error' as never, () => reject(new Error('no connection')))
  })

describe.skipIf(Native === undefined)(
  `Node ${process.version}${Native === undefined ? ' has no WebSocket of its own: skipped' : ''}`,
  () => {
    // It takes no certificate authority of ours, so wss is left to undici, whose class it is.
    const quirks = { eatsByteOrderMarks: true, echoesNoReason: true }
    converses('the WebSocket of Node and our server, over ws', toOurServer('ws', connect), quirks)
  },
)
