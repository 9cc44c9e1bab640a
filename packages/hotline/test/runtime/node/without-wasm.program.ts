/** Echoes through the library, where WebAssembly or its memory is not to be had, and says whether it was. */
import { openSocket } from '../../../src/client/index.ts'
import { fastMemory } from '../../../src/protocol/index.ts'
import { serve } from '../../../src/server/index.ts'

const server = await serve({ port: 0, routes: { '/': { message: (socket, message) => socket.send(message) } } })
const socket = await openSocket(server.url as string)
const text = 'wörds '.repeat(500)
await socket.send(text)
const { value } = await socket[Symbol.asyncIterator]().next()
await socket.close()
await server.close()
process.stdout.write(`${JSON.stringify({ echoed: value === text, fast: fastMemory !== undefined })}\n`)
