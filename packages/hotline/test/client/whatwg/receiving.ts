/** Messages and the open event, one task each. */
import { closed, history, messages, next, opened, type Section, turn } from './kit.ts'

export const receivingSection: Section = {
  clause: 'WebSockets §4, when the connection is established and when a message has been received',
  href: 'https://websockets.spec.whatwg.org/#feedback-from-the-protocol',
  title: 'the open event and messages',
  claims: [
    {
      claim: 'messages that come with the answer to the handshake follow the open event, in order',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        let left = 3
        socket.addEventListener('message', () => {
          if (--left === 0) setTimeout(() => socket.close())
        })
        return history(socket)
      },
      expected: [
        ['open', 1],
        ['message', 1, '1'],
        ['message', 1, '2'],
        ['message', 1, '3'],
        ['close', 3, 1005, '', true],
      ],
    },
    {
      claim: 'a handler that is set in the open event misses nothing',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        const seen: unknown[] = []
        await new Promise<void>(resolve => {
          socket.onopen = () => {
            socket.onmessage = ({ data }) => {
              if (seen.push(data) === 3) resolve()
            }
          }
        })
        socket.close()
        return seen
      },
      expected: ['1', '2', '3'],
    },
    {
      claim: 'a message that nobody listens to is gone: it does not wait for a listener',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        await new Promise<void>(resolve => {
          socket.addEventListener('message', ({ data }) => {
            if (data === '3') resolve()
          })
        })
        const seen: unknown[] = []
        const more = new Promise<void>(resolve => {
          socket.onmessage = ({ data }) => {
            seen.push(data)
            resolve()
          }
        })
        socket.send('echo')
        await more
        socket.close()
        return seen
      },
      expected: ['echo'],
    },
    {
      claim: 'each message is a task of its own: what waits for one is done before the next comes',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        const seen: unknown[] = []
        for (let i = 0; i < 3; i++) {
          const { data } = await new Promise<MessageEvent>(resolve => {
            socket.onmessage = resolve
          })
          await undefined
          await Promise.all([undefined, undefined])
          seen.push(data)
        }
        socket.close()
        return seen
      },
      expected: ['1', '2', '3'],
    },
    {
      claim: 'opening is a task of its own: what waits for it is done before the first message',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        await new Promise(resolve => {
          socket.onopen = resolve
        })
        await undefined
        const { data } = await new Promise<MessageEvent>(resolve => {
          socket.onmessage = resolve
        })
        socket.close()
        return data
      },
      expected: '1',
    },

    {
      claim: 'a message in fragments, with pings between them, is one event',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/bytes?hex=010161890170000162800163880203e8`)),
      expected: [
        ['open', 1],
        ['message', 1, 'abc'],
        ['close', 3, 1000, '', true],
      ],
    },
    {
      claim: 'an empty message is an event with an empty string',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/bytes?hex=8100010080008800`)),
      expected: [
        ['open', 1],
        ['message', 1, ''],
        ['message', 1, ''],
        ['close', 3, 1005, '', true],
      ],
    },
    {
      claim: 'text comes as it was sent: a byte order mark, NUL and characters beyond 16 bits stay',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        const text = '\ufeffa\0b\ufeff😀\u2028'
        socket.send(text)
        const { data } = await message()
        socket.close()
        return data === text
      },
      expected: true,
    },
    {
      claim: 'a character that is split between fragments is whole in the event',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/bytes?hex=0102e2828001ac8800`)),
      expected: [
        ['open', 1],
        ['message', 1, '€'],
        ['close', 3, 1005, '', true],
      ],
    },
    {
      claim: 'the open event comes after the task that made the socket, and its reactions',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        for (let i = 0; i < 20; i++) await undefined
        const seen: string[] = [`${socket.readyState}`]
        socket.onopen = () => seen.push('open')
        await new Promise(resolve => socket.addEventListener('open', resolve))
        socket.close()
        return seen
      },
      expected: ['0', 'open'],
    },
    {
      claim: 'no event comes while a task runs, however long that takes',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        let come = 0
        socket.onmessage = () => come++
        socket.send('ttt')
        const end = performance.now() + 30
        while (performance.now() < end);
        const during = come
        await new Promise<void>(resolve => {
          socket.onmessage = () => {
            if (++come === 3) resolve()
          }
        })
        socket.close()
        return [during, come]
      },
      expected: [0, 3],
    },
    {
      claim: 'messages of a handler that throws or blocks keep their order',
      see: async ({ WebSocket, url, uncaught }) => {
        const socket = new WebSocket(`${url}/burst`)
        const seen: unknown[] = []
        const faults = await uncaught(
          () =>
            new Promise<void>(resolve => {
              socket.onmessage = ({ data }) => {
                const end = performance.now() + 5
                while (performance.now() < end);
                seen.push(data)
                if (data === '3') setTimeout(resolve)
                throw new Error(`at ${data}`)
              }
            }),
        )
        socket.close()
        return [seen, faults, socket.readyState]
      },
      expected: [['1', '2', '3'], ['at 1', 'at 2', 'at 3'], 2],
    },
    {
      claim: 'two sockets get what is theirs',
      see: async ({ WebSocket, url }) => {
        const sockets = await Promise.all([opened(WebSocket, `${url}/echo`), opened(WebSocket, `${url}/echo`)])
        const come = sockets.map(socket => messages(socket))
        for (const [i, socket] of sockets.entries()) socket.send(`${i}`)
        const seen = await Promise.all(come.map(async message => (await message()).data))
        for (const socket of sockets) socket.close()
        return seen
      },
      expected: ['0', '1'],
    },
    {
      claim: 'a listener that is added while no message has come gets the first',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        await turn()
        socket.send('t')
        const { data } = await next<'message'>(socket, 'message')
        socket.close()
        await closed(socket)
        return data
      },
      expected: 'abc',
    },
    {
      claim: 'a message that comes while CLOSING because of close() is not delivered, though it was sent before',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        socket.send('tttt')
        socket.close()
        return history(socket)
      },
      expected: [['close', 3, 1000, '', true]],
    },
  ],
}
