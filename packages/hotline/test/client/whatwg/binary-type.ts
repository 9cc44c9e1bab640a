/** binaryType, and the data of binary messages. */
import { closed, hexOf, messages, opened, type Section, said } from './kit.ts'

export const binaryTypeSection: Section = {
  clause: 'WebSockets §3.1, binaryType; §4, steps 2 and 3 of a message',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-binarytype',
  title: 'binaryType',
  claims: [
    {
      claim: 'text comes as a string, binary as a Blob, or as an ArrayBuffer of its own when that is asked for',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        const message = messages(socket)
        socket.send('tb')
        const seen: unknown[] = [(await message()).data]
        const blob = (await message()).data as Blob
        seen.push([String(blob), blob.size, blob.type, await blob.text()])
        socket.binaryType = 'arraybuffer'
        socket.send('tb')
        seen.push((await message()).data)
        const buffer = (await message()).data as ArrayBuffer
        seen.push([String(buffer), buffer.byteLength, hexOf(buffer)])
        socket.close()
        return seen
      },
      expected: ['abc', ['[object Blob]', 3, '', 'abc'], 'abc', ['[object ArrayBuffer]', 3, '61 62 63']],
    },
    {
      claim: 'binaryType is looked at when the event is fired, so it can change between two messages',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        const seen: string[] = []
        socket.send('bbb')
        await new Promise<void>(resolve => {
          socket.onmessage = ({ data }) => {
            seen.push(String(data))
            socket.binaryType = socket.binaryType === 'blob' ? 'arraybuffer' : 'blob'
            if (seen.length === 3) resolve()
          }
        })
        socket.close()
        return seen
      },
      expected: ['[object Blob]', '[object ArrayBuffer]', '[object Blob]'],
    },
    {
      claim: 'binaryType ignores what is no value of its enumeration',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.close()
        return ['arraybuffer', 'Blob', '', 'nodebuffer', null, 7, 'blob', undefined].map(value => [
          said(() => {
            socket.binaryType = value as 'blob'
          }),
          socket.binaryType,
        ])
      },
      expected: [
        ...['arraybuffer', 'arraybuffer', 'arraybuffer', 'arraybuffer', 'arraybuffer', 'arraybuffer', 'blob', 'blob'],
      ].map(type => ['fine', type]),
    },
    {
      claim: 'binaryType can be set when the socket is closed',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        await closed(socket)
        socket.binaryType = 'arraybuffer'
        return socket.binaryType
      },
      expected: 'arraybuffer',
    },

    {
      claim: 'binaryType may be set while connecting, and holds for the first message',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/bytes?hex=8203616263`)
        socket.binaryType = 'arraybuffer'
        const { data } = await messages(socket)()
        socket.close()
        return hexOf(data)
      },
      expected: '61 62 63',
    },
    {
      claim: 'binaryType that is set in the open event holds for messages that have come already',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/bytes?hex=8203616263`)
        socket.onopen = () => {
          socket.binaryType = 'arraybuffer'
        }
        const { data } = await messages(socket)()
        socket.close()
        return hexOf(data)
      },
      expected: '61 62 63',
    },
    {
      claim: 'binaryType that is set between receipt and event holds for the event',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        const other = await opened(WebSocket, `${url}/kinds`)
        const message = messages(socket)
        socket.send('tbb')
        await message()
        other.send('t')
        await messages(other)()
        socket.binaryType = 'arraybuffer'
        const seen = [String((await message()).data), String((await message()).data)]
        socket.close()
        other.close()
        return seen.at(-1)
      },
      expected: '[object ArrayBuffer]',
    },
    {
      claim: 'an empty binary message is an empty Blob, or an empty ArrayBuffer',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        socket.send(new Uint8Array(0))
        const blob = (await message()).data as Blob
        socket.binaryType = 'arraybuffer'
        socket.send(new Uint8Array(0))
        const buffer = (await message()).data as ArrayBuffer
        socket.close()
        return [blob instanceof Blob, blob.size, buffer instanceof ArrayBuffer, buffer.byteLength]
      },
      expected: [true, 0, true, 0],
    },
    {
      claim: 'the Blob of a message is no File, and has no type',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        socket.send('b')
        const { data } = await messages(socket)()
        socket.close()
        return [Object.getPrototypeOf(data) === Blob.prototype, data.type]
      },
      expected: [true, ''],
    },
    {
      claim: 'the ArrayBuffer of a message has its size for good, belongs to the receiver and can be given away',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        socket.binaryType = 'arraybuffer'
        const message = messages(socket)
        socket.send('bb')
        const [one, two] = [(await message()).data, (await message()).data] as [ArrayBuffer, ArrayBuffer]
        new Uint8Array(one).fill(0)
        const given = structuredClone(one, { transfer: [one] })
        socket.close()
        return [Reflect.get(two, 'resizable') ?? false, hexOf(two), hexOf(given), one.byteLength]
      },
      expected: [false, '61 62 63', '00 00 00', 0],
    },
    {
      claim: 'setting binaryType converts to a string, and throws what that throws',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const set = (value: unknown): unknown =>
          said(() => {
            socket.binaryType = value as 'blob'
          })
        const seen = [set({ toString: () => 'arraybuffer' }), socket.binaryType, set(Symbol('x')), socket.binaryType]
        socket.close()
        return seen
      },
      expected: ['fine', 'arraybuffer', 'TypeError', 'arraybuffer'],
    },
    {
      claim: 'binaryType keeps what it was set to when the socket is closed',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.binaryType = 'arraybuffer'
        socket.close()
        await closed(socket)
        return socket.binaryType
      },
      expected: 'arraybuffer',
    },
  ],
}
