/** bufferedAmount, and the order and size of what is sent. */
import { type Claim, closed, messages, opened, type Section, said, turn, until } from './kit.ts'

/** What is sent, and its bytes. */
const SIZES: readonly (readonly [name: string, given: () => unknown, size: number])[] = [
  ['nothing', () => '', 0],
  ['text of every length in UTF-8', () => 'aé€😀', 10],
  ['an unpaired surrogate', () => '\ud800', 3],
  ['an ArrayBuffer', () => new ArrayBuffer(65), 65],
  ['a part of a buffer', () => new Uint8Array(new ArrayBuffer(65), 60, 3), 3],
  ['a Blob', () => new Blob(['abc']), 3],
  ['60 000 bytes', () => new Uint8Array(60_000), 60_000],
  ['a megabyte', () => new Uint8Array(1_000_000), 1_000_000],
  ['a megabyte of text', () => '€'.repeat(333_333), 999_999],
]

export const bufferedSection: Section = {
  clause: 'WebSockets §3.1, bufferedAmount',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount',
  title: 'bufferedAmount',
  claims: [
    ...SIZES.map(
      ([name, given, size]): Claim => ({
        claim: `bufferedAmount grows by ${size} with ${name}, and falls to 0 when it has left`,
        see: async ({ WebSocket, url }) => {
          const socket = await opened(WebSocket, `${url}/echo`)
          const message = messages(socket)
          socket.send(given() as string)
          const once = socket.bufferedAmount
          socket.send(given() as string)
          const twice = socket.bufferedAmount
          await message()
          await message()
          await until(() => socket.bufferedAmount === 0)
          socket.close()
          return [once, twice, socket.bufferedAmount]
        },
        expected: [size, size * 2, 0],
      }),
    ),
    {
      claim: 'bufferedAmount counts the bytes of text that waits behind a Blob',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        socket.send(new Blob(['ab']))
        socket.send('€')
        const waiting = socket.bufferedAmount
        await message()
        await message()
        await until(() => socket.bufferedAmount === 0)
        socket.close()
        return waiting
      },
      expected: 5,
    },
    {
      claim: 'bufferedAmount does not fall before the next task',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        const seen: number[] = []
        for (const size of [100_000, 10, 100_000]) {
          socket.send(new Uint8Array(size))
          await undefined
          seen.push(socket.bufferedAmount)
        }
        for (let i = 0; i < 3; i++) await message()
        socket.close()
        return seen
      },
      expected: [100_000, 100_010, 200_010],
    },
    {
      claim: 'bufferedAmount grows with what is sent after close(), and is not reset when the socket is closed',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.close()
        const seen = []
        socket.send('€')
        seen.push(socket.bufferedAmount)
        socket.send(new Blob(['four']))
        seen.push(socket.bufferedAmount)
        await closed(socket)
        seen.push(socket.bufferedAmount)
        socket.send(new Uint8Array(5))
        seen.push(socket.bufferedAmount)
        await turn()
        return [...seen, socket.bufferedAmount]
      },
      expected: [3, 7, 7, 12, 12],
    },

    {
      claim: 'bufferedAmount does not grow by what throws',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const outcome = said(() => socket.send(Symbol('x') as never))
        socket.close()
        return [outcome, socket.bufferedAmount]
      },
      expected: ['TypeError', 0],
    },
    {
      claim: 'bufferedAmount does not count close(), nor what frames add',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        for (let i = 0; i < 10; i++) socket.send('x')
        const before = socket.bufferedAmount
        socket.close(3000, 'a reason')
        return [before, socket.bufferedAmount]
      },
      expected: [10, 10],
    },
    {
      claim: 'bufferedAmount grows with what is sent after the close frame of the server',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/farewell?code=1000`)
        await closed(socket)
        const seen = [socket.bufferedAmount]
        socket.send('€')
        seen.push(socket.bufferedAmount)
        socket.send(new Uint8Array(4).subarray(1))
        return [...seen, socket.bufferedAmount]
      },
      expected: [0, 3, 6],
    },
    {
      claim: 'bufferedAmount grows after a handshake that failed, and stays',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        await closed(socket)
        socket.send(new Blob(['four']))
        await turn()
        return socket.bufferedAmount
      },
      expected: 4,
    },
    {
      claim: 'bufferedAmount keeps what a peer that reads nothing has not taken, and is not reset when it is gone',
      see: async ({ WebSocket, url, other }) => {
        const name = Math.random()
        const socket = await opened(WebSocket, `${url}/deaf?name=${name}`)
        const size = 32 * 1_048_576
        socket.send(new Uint8Array(size))
        const sent = socket.bufferedAmount
        const ending = closed(socket)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        const { code } = await ending
        const left = socket.bufferedAmount
        await turn()
        const stays = socket.bufferedAmount === left
        socket.send('four')
        second.close()
        return [sent === size, code, left > 0, stays, socket.bufferedAmount - left]
      },
      expected: [true, 1006, true, true, 4],
      chromium: {
        expected: [true, 1006, false, true, 4],
        why: 'it is never reset; Chromium takes off what was waiting when the connection is lost',
      },
    },
  ],
}
