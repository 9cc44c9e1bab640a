/** Pings and pongs, which the API does not show. */
import { history, messages, opened, type Section } from './kit.ts'

export const pingSection: Section = {
  clause: 'WebSockets §5',
  href: 'https://websockets.spec.whatwg.org/#ping-and-pong-frames',
  title: 'pings and pongs',
  claims: [
    {
      claim: 'a ping is answered with its payload, and no event tells of it',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/pinging`)
        const seen: string[] = []
        for (const type of ['ping', 'pong', 'error']) socket.addEventListener(type, () => seen.push(type))
        const { data } = await messages(socket)()
        socket.close()
        return [seen, data]
      },
      expected: [[], '8a 68656c6c6f'],
    },
    {
      claim: 'a pong that nobody asked for is passed over',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/bytes?hex=8a0178810178880203e8`)),
      expected: [
        ['open', 1],
        ['message', 1, 'x'],
        ['close', 3, 1000, '', true],
      ],
    },
    {
      claim: 'a ping while CLOSING does not keep the end from coming',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/pingback`)
        socket.close(3000)
        return history(socket)
      },
      expected: [['close', 3, 3000, '', true]],
    },
    {
      claim: 'the class has no member for pings and pongs',
      see: ({ WebSocket: { prototype } }) =>
        ['ping', 'pong', 'onping', 'onpong', 'terminate'].filter(name => name in prototype),
      expected: [],
    },
  ],
}
