/** close(), from the call to the event. */
import { closed, history, messages, next, opened, type Section, said, turn, until } from './kit.ts'

export const closingSection: Section = {
  clause: 'WebSockets §3.1, close() step 3',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-close',
  title: 'close(), from the call to the event',
  claims: [
    {
      claim: 'close() without arguments ends with 1005 when the server answers with the same',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.close()
        return [socket.readyState, ...(await history(socket))]
      },
      expected: [2, ['close', 3, 1005, '', true]],
    },
    {
      claim: 'code and reason come back from a server that answers with the same',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.close(4000, 'good bye')
        return history(socket)
      },
      expected: [['close', 3, 4000, 'good bye', true]],
    },
    {
      claim: 'close() while connecting gives an error and 1006, and no open event',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.close()
        return [socket.readyState, ...(await history(socket))]
      },
      expected: [2, ['error', 3], ['close', 3, 1006, '', false]],
    },
    {
      claim: 'close() in the event of opening closes politely',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        socket.onopen = () => socket.close(3001)
        return history(socket)
      },
      expected: [
        ['open', 2],
        ['close', 3, 3001, '', true],
      ],
    },
    {
      claim: 'a second close() does nothing, also with other arguments',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/frames`)
        socket.close(3000, 'first')
        socket.close(4000, 'second')
        const seen = await history(socket)
        socket.close(4000, 'third')
        return [...seen, socket.readyState]
      },
      expected: [['close', 3, 4999, '88 0bb86669727374 after 0', true], 3],
    },
    {
      claim: 'close() on a closed socket still judges its arguments',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.close()
        const during = said(() => socket.close(999))
        await closed(socket)
        return [during, said(() => socket.close(999)), said(() => socket.close(1000, 'a'.repeat(124)))]
      },
      expected: ['InvalidAccessError', 'InvalidAccessError', 'SyntaxError'],
    },
    {
      claim: 'messages that were sent before close() arrive before it',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/frames`)
        socket.send('one')
        socket.send(new Blob(['two']))
        socket.send('three')
        socket.close(3000)
        const { reason } = await closed(socket)
        return reason
      },
      expected: '88 0bb8 after 3',
    },
    {
      claim: 'messages that come after close() was called are not delivered',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/chatty`)
        socket.close()
        return history(socket)
      },
      expected: [['close', 3, 1000, '', true]],
    },
    {
      claim: 'messages that wait behind the one whose handler calls close() are not delivered',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        socket.onmessage = () => socket.close(3000)
        return history(socket)
      },
      expected: [
        ['open', 1],
        ['message', 2, '1'],
        ['close', 3, 3000, '', true],
      ],
    },

    {
      claim: 'close() fires nothing before it returns, nor in the reactions of the task that called it',
      see: async ({ WebSocket, url }) => {
        const seen: string[] = []
        const sockets = [await opened(WebSocket, `${url}/echo`), new WebSocket(`${url}/silent`)]
        for (const socket of sockets) {
          for (const type of ['error', 'close'] as const) socket.addEventListener(type, () => seen.push(type))
          socket.close()
          for (let i = 0; i < 10; i++) await undefined
        }
        return seen
      },
      expected: [],
    },
    {
      claim: 'the state is CLOSING from close() until the close event, also while connecting',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.close()
        const seen = [socket.readyState]
        await undefined
        seen.push(socket.readyState)
        await closed(socket)
        return [...seen, socket.readyState]
      },
      expected: [2, 2, 3],
    },
    {
      claim: 'close() while connecting hangs up on the server',
      see: async ({ WebSocket, url, other }) => {
        const name = Math.random()
        const socket = new WebSocket(`${url}/hung?name=${name}`)
        const asked = await opened(WebSocket, `${other}/second?name=${name}`)
        const message = messages(asked)
        const connected = (await message()).data
        socket.close()
        const gone = (await message()).data
        asked.close()
        return [connected, gone]
      },
      expected: ['connected', 'gone'],
    },
    {
      claim: 'close() while connecting takes code and reason, and tells nobody',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.close(3000, 'why')
        return history(socket)
      },
      expected: [
        ['error', 3],
        ['close', 3, 1006, '', false],
      ],
    },
    {
      claim: 'close() in the same task as the constructor is enough: the socket never opens',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        socket.close()
        return history(socket)
      },
      expected: [
        ['error', 3],
        ['close', 3, 1006, '', false],
      ],
    },
    {
      claim: 'close() in the handlers of error and close does nothing',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        socket.onerror = () => socket.close(3000)
        socket.onclose = () => socket.close(4000)
        return history(socket)
      },
      expected: [
        ['error', 3],
        ['close', 3, 1006, '', false],
      ],
    },
    {
      claim: 'close() after the close frame of the server does not change what the event tells',
      see: async ({ WebSocket, url, other }) => {
        const name = Math.random()
        const socket = await opened(WebSocket, `${url}/linger?name=${name}`)
        await until(() => socket.readyState === WebSocket.CLOSING)
        socket.close(3000, 'client')
        const ending = closed(socket)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        const { code, reason, wasClean } = await ending
        second.close()
        return [code, reason, wasClean]
      },
      expected: [1000, '', true],
    },
    {
      claim: 'a large message that was sent before close() arrives whole',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/tally`)
        socket.send(new Uint8Array(4_000_000))
        socket.close(3000)
        const { reason } = await closed(socket)
        return reason
      },
      expected: '1 of 4000000 bytes',
    },
    {
      claim: 'what is sent after close() does not arrive',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/tally`)
        socket.send('one')
        socket.close(3000)
        socket.send('two')
        socket.send(new Blob(['three']))
        const { reason } = await closed(socket)
        return reason
      },
      expected: '1 of 3 bytes',
    },
    {
      claim: 'the close event comes once, and nothing after it',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/chatty`)
        const seen: string[] = []
        for (const type of ['message', 'error', 'close'] as const) socket.addEventListener(type, () => seen.push(type))
        socket.close(1000)
        await next(socket, 'close')
        socket.close(1000)
        await turn()
        await turn()
        return seen
      },
      expected: ['close'],
    },
    {
      claim: 'a server that answers close() by hanging up gives 1006, not a clean end',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/rude`)
        socket.close(3000)
        const { code, reason, wasClean } = await closed(socket)
        return [code, reason, wasClean]
      },
      expected: [1006, '', false],
    },
  ],
}
