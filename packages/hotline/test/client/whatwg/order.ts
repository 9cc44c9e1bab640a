/** The order, the moment and the size of what is sent. */
import { echoes, messages, opened, type Section } from './kit.ts'

/** 16 MiB. */
const LARGE = 16_777_216

export const orderSection: Section = {
  clause: 'WebSockets §3.1, send(); RFC 6455 §6.1',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-send',
  title: 'the order and the size of what is sent',
  claims: [
    {
      claim: 'what is changed after send() is sent as it was',
      see: all => {
        const bytes = Uint8Array.of(1, 2, 3)
        return echoes(
          all,
          socket => {
            socket.send(bytes)
            bytes.fill(9)
            socket.send(new Blob(['blob']))
            socket.send(bytes)
            bytes.fill(7)
            socket.send(bytes.buffer)
            bytes.fill(5)
          },
          4,
        )
      },
      expected: ['01 02 03', '62 6c 6f 62', '09 09 09', '07 07 07'],
    },
    {
      claim: 'Blobs, text and bytes keep their order',
      see: all =>
        echoes(
          all,
          socket => {
            socket.send(new Blob(['a'.repeat(3)]))
            socket.send('b')
            socket.send(new Blob(['c']))
            socket.send(new Blob([]))
            socket.send(Uint8Array.of(0x64))
          },
          5,
        ),
      expected: ['61 61 61', 'b', '63', '', '64'],
    },

    {
      claim: 'a thousand messages of all kinds keep their order',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.binaryType = 'arraybuffer'
        const message = messages(socket)
        const make = [String, (i: number) => Int32Array.of(i), (i: number) => new Blob([Int32Array.of(i)])] as const
        for (let i = 0; i < 1000; i++) socket.send(make[i % 3]?.(i) as string)
        const seen: number[] = []
        while (seen.length < 1000) {
          const { data } = await message()
          seen.push(typeof data === 'string' ? Number(data) : (new Int32Array(data as ArrayBuffer)[0] as number))
        }
        socket.close()
        return seen.every((value, i) => value === i)
      },
      expected: true,
    },
    {
      claim: 'a large Blob is sent before the text behind it',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/sizes`)
        const message = messages(socket)
        socket.send(new Blob([new Uint8Array(3_000_000), new Uint8Array(1)]))
        socket.send('text')
        const seen = [(await message()).data, (await message()).data]
        socket.close()
        return seen
      },
      expected: ['82 3000001', '81 4'],
    },
    {
      claim: 'messages of each length around the borders of the frame header arrive as they were',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/sizes`)
        const message = messages(socket)
        const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537]
        for (const size of sizes) socket.send('x'.repeat(size))
        for (const size of sizes) socket.send(new Uint8Array(size))
        const seen: unknown[] = []
        while (seen.length < 2 * sizes.length) seen.push((await message()).data)
        socket.close()
        return seen
      },
      expected: ['81', '82'].flatMap(first =>
        [0, 1, 125, 126, 127, 65_535, 65_536, 65_537].map(size => `${first} ${size}`),
      ),
    },
    {
      claim: '16 MiB of bytes go there and back',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.binaryType = 'arraybuffer'
        const message = messages(socket)
        const bytes = new Uint8Array(LARGE + 1)
        for (let i = 0; i < bytes.length; i++) bytes[i] = i % 251
        socket.send(bytes)
        const back = new Uint8Array((await message()).data)
        socket.close()
        let same = 0
        while (same < back.length && back[same] === bytes[same]) same++
        return [back.length, same]
      },
      expected: [LARGE + 1, LARGE + 1],
    },
    {
      claim: '16 MiB of text go there and back',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        const text = '0123456789€é😀'.repeat(LARGE / 16)
        socket.send(text)
        const { data } = await message()
        socket.close()
        return [data.length, data === text]
      },
      expected: [(14 * LARGE) / 16, true],
    },
  ],
}
