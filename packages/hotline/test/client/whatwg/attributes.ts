/** What the attributes say through the life of a socket. */
import { closed, next, opened, type Section, said, until } from './kit.ts'

export const attributesSection: Section = {
  clause: 'WebSockets §3.1, attributes',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-readystate',
  title: 'the attributes through the life of a socket',
  claims: [
    {
      claim: 'a new socket is connecting and empty',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const { readyState, bufferedAmount, extensions, protocol, binaryType } = socket
        const { onopen, onmessage, onerror, onclose } = socket
        socket.close()
        return { readyState, bufferedAmount, extensions, protocol, binaryType, onopen, onmessage, onerror, onclose }
      },
      expected: {
        readyState: 0,
        bufferedAmount: 0,
        extensions: '',
        protocol: '',
        binaryType: 'blob',
        onopen: null,
        onmessage: null,
        onerror: null,
        onclose: null,
      },
    },

    {
      claim: 'readyState goes from 0 to 1, 2 and 3',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen = [socket.readyState]
        await next(socket, 'open')
        seen.push(socket.readyState)
        socket.close()
        seen.push(socket.readyState)
        await closed(socket)
        return [...seen, socket.readyState]
      },
      expected: [0, 1, 2, 3],
    },
    {
      claim: 'readyState goes from 0 to 3 when the server refuses',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        const seen = [socket.readyState]
        await next(socket, 'error')
        seen.push(socket.readyState)
        await closed(socket)
        return [...seen, socket.readyState]
      },
      expected: [0, 3, 3],
    },
    {
      claim: 'readyState does not change while a task runs, but by close()',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/cut`)
        const other = await opened(WebSocket, `${url}/echo`)
        const states = new Set<number>()
        const end = performance.now() + 20
        while (performance.now() < end) states.add(socket.readyState)
        other.close()
        return [[...states].length, [1, 3].includes([...states][0] as number)]
      },
      expected: [1, true],
    },
    {
      claim: 'protocol and extensions stay when the socket is closed',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/deflated?protocol=one`, ['one'])
        const open = [socket.protocol, socket.extensions]
        socket.close()
        await closed(socket)
        return [open, [socket.protocol, socket.extensions]]
      },
      expected: [
        ['one', 'permessage-deflate'],
        ['one', 'permessage-deflate'],
      ],
    },
    {
      claim: 'extensions are empty until the socket opens, and name what was agreed on with its parameters',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/deflated?parameters=server_no_context_takeover`)
        const before = socket.extensions
        await next(socket, 'open')
        socket.close()
        return [before, socket.extensions]
      },
      expected: ['', 'permessage-deflate; server_no_context_takeover'],
    },
    {
      claim: 'extensions are empty when the server agreed on none, as the protocol is',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.close()
        return [socket.extensions, socket.protocol]
      },
      expected: ['', ''],
    },
    {
      claim: 'protocol and extensions stay empty when the handshake fails',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/chosen?protocol=three`, ['one'])
        await closed(socket)
        return [socket.protocol, socket.extensions]
      },
      expected: ['', ''],
    },
    {
      claim: 'a socket that has failed can still be asked and told everything',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        await closed(socket)
        const told = [said(() => socket.send('x')), said(() => socket.close()), said(() => socket.close(3000, 'why'))]
        await until(() => socket.readyState === 3)
        return [...told, socket.url === `${url}/refused`, socket.bufferedAmount]
      },
      expected: ['fine', 'fine', 'fine', true, 1],
    },
  ],
}
