/** Uses a server and clients in many ways, ends all of it, and says what is left open. */
import { createServer } from 'node:http'
import { openSocket, WebSocket } from '../../src/client/index.ts'
import { attach, serve } from '../../src/server/index.ts'

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const server = await serve({
  port: 0,
  routes: {
    '/echo': { message: (socket, message) => socket.send(message) },
    '/loop': async socket => {
      for await (const message of socket) await socket.send(message)
    },
    '/closed': { authorize: () => false, refuseBy: 'close' },
    '/slow': {
      authorize: ({ signal }) => new Promise<false>(resolve => signal.addEventListener('abort', () => resolve(false))),
    },
    '/stuck': { message: () => new Promise(() => {}) },
  },
})
const url = server.url as string

const socket = await openSocket(`${url}/echo`)
await socket.send('hello')
print({ echoed: (await socket[Symbol.asyncIterator]().next()).value })
await socket.close()

const web = new WebSocket(`${url}/loop`)
await new Promise(resolve => {
  web.onopen = () => web.send('hello')
  web.onmessage = resolve
})

const stays = await openSocket(`${url}/loop`)
const stuck = await openSocket(`${url}/stuck`)
await stuck.send('x')
const cut = await openSocket(`${url}/echo`)
cut.terminate()
await openSocket(`${url}/nothing`).catch(() => {})
await (await openSocket(`${url}/closed`)).closed
openSocket(`${url}/slow`).catch(() => {})
await openSocket(`${url}/slow`, { signal: AbortSignal.timeout(30) }).catch(() => {})
await openSocket('ws://127.0.0.1:1').catch(() => {})

const http = createServer((_request, response) => response.end('page')).listen(0)
const attached = attach(http, { routes: { '/': {} } })
await new Promise(resolve => http.once('listening', resolve))
await (await openSocket(`ws://127.0.0.1:${attached.port}`)).close()
await attached.close()
http.close()
http.closeAllConnections()

print({ report: await server.close({ within: 400 }) })
print({ ends: [(await stays.closed).code, (await stuck.closed).code, (await cut.closed).code, web.readyState > 1] })
// Node closes the handle that listened at the end of a turn.
for (const _ of [1, 2]) await new Promise(setImmediate)
print({ left: process.getActiveResourcesInfo().filter(name => !/^(PipeWrap|TTYWrap|Immediate)$/.test(name)) })
