/** The WebSocket class of undici, the client of fetch() in Node. */
import { Agent, WebSocket as UndiciWebSocket } from 'undici'
import { converses, type End, web } from './conversation.ts'
import { type Connects, schemes, toOurServer } from './hotline.ts'

const connect: Connects = (url, ca) =>
  new Promise<End>((resolve, reject) => {
    const socket = new UndiciWebSocket(url, { dispatcher: new Agent({ connect: { ca } }) })
    const end = web(socket as never)
    socket.addEventListener('open', () => resolve(end))
    socket.addEventListener('error', event => reject(event.error))
  })

/** Seen in undici 7: it decodes text without `ignoreBOM`, and echoes a code alone. */
const quirks = { eatsByteOrderMarks: true, echoesNoReason: true }

for (const scheme of schemes)
  converses(`a client of undici and our server, over ${scheme}`, toOurServer(scheme, connect), quirks)
