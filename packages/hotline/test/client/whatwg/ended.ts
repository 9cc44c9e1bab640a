/** How a connection ends, and what the close event tells of it. */
import { type Claim, closed, history, next, opened, type Section, said, turn, until } from './kit.ts'

const NO_ERROR =
  'a client whose connection is lost must fail it (RFC 6455 §7.2.1), and then an error is fired; Chromium leaves it out'

/** Codes that a server may send. RFC 6455 §7.4 and the registry of IANA */
const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]

/** Codes that must not be sent. RFC 6455 §7.4.1, §7.4.2 */
const RESERVED = [0, 999, 1005, 1006, 1015]

const BELOW_1000 = 'codes below 1000 are not used (RFC 6455 §7.4.2); Chromium takes them'

const FAILED = [
  ['open', 1],
  ['error', 3],
  ['close', 3, 1006, '', false],
]

/** What a server sends that breaks the protocol, in hex. RFC 6455 §5 */
const BREACHES: readonly (readonly [what: string, hex: string])[] = [
  ['a frame with a reserved bit', 'c10178'],
  ['an opcode that there is not', '830178'],
  ['a masked frame', '81810000000078'],
  ['a close frame of one byte', '880103'],
  ['a close frame whose reason is no UTF-8', '880303e8ff'],
  ['a close frame that is too long', '887e007e03e8'],
  ['a ping that is too long', '897e007e'],
  ['a ping in fragments', '0900'],
  ['a fragment of nothing', '800178'],
  ['a message inside a fragmented one', '010178810179'],
  ['text that is no UTF-8', '8101ff'],
  ['a surrogate in UTF-8', '8103eda080'],
  ['text that ends in the middle of a character', '8101c3'],
  ['a length whose highest bit is set', '827f8000000000000000'],
]

const closedWith = (code: number, reason = ''): unknown[] => [
  ['open', 1],
  ['message', 1, 'last'],
  ['close', 3, code, reason, true],
]

export const endedSection: Section = {
  clause: 'WebSockets §4, when the closing handshake is started and when the connection is closed',
  href: 'https://websockets.spec.whatwg.org/#closeWebSocket',
  title: 'the end of a connection',
  claims: [
    {
      claim: 'a message before the close frame of the server is delivered, then the close event tells code and reason',
      see: ({ WebSocket, url }) =>
        history(new WebSocket(`${url}/farewell?code=4001&reason=${encodeURIComponent('see you ✓')}`)),
      expected: [
        ['open', 1],
        ['message', 1, 'last'],
        ['close', 3, 4001, 'see you ✓', true],
      ],
    },
    {
      claim: 'a close frame of the server without a code gives 1005',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/farewell`)),
      expected: [
        ['open', 1],
        ['message', 1, 'last'],
        ['close', 3, 1005, '', true],
      ],
    },
    {
      claim: 'the state is CLOSING from the close frame of the server until the connection ends',
      see: async ({ WebSocket, url, other }) => {
        const name = Math.random()
        const socket = await opened(WebSocket, `${url}/linger?name=${name}`)
        await until(() => socket.readyState !== WebSocket.OPEN)
        const between = socket.readyState
        const sent = said(() => socket.send('too late'))
        const { bufferedAmount } = socket
        // The end may come before the second is open.
        const told = history(socket)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        second.close()
        return [between, sent, bufferedAmount, ...(await told)]
      },
      expected: [2, 'fine', 8, ['close', 3, 1000, '', true]],
    },
    {
      claim: 'a connection that ends without a closing handshake gives an error and 1006',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/cut`)),
      expected: [
        ['open', 1],
        ['error', 3],
        ['close', 3, 1006, '', false],
      ],
      chromium: {
        expected: [
          ['open', 1],
          ['close', 3, 1006, '', false],
        ],
        why: NO_ERROR,
      },
    },
    {
      claim: 'a server that breaks the protocol gives an error and 1006',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/wrong`)),
      expected: [
        ['open', 1],
        ['error', 3],
        ['close', 3, 1006, '', false],
      ],
    },

    ...CODES.map(
      (code): Claim => ({
        claim: `a server that closes with ${code} ends the connection cleanly, and the event has the code`,
        see: ({ WebSocket, url }) => history(new WebSocket(`${url}/farewell?code=${code}&reason=why`)),
        expected: closedWith(code, 'why'),
      }),
    ),
    ...RESERVED.map(
      (code): Claim => ({
        claim: `a server that closes with ${code}, which must not be sent, fails the connection`,
        see: ({ WebSocket, url }) => history(new WebSocket(`${url}/farewell?code=${code}`)),
        expected: [['open', 1], ['message', 1, 'last'], ...FAILED.slice(1)],
        ...(code < 1000 ? { chromium: { expected: closedWith(code), why: BELOW_1000 } } : {}),
      }),
    ),
    ...BREACHES.map(
      ([what, hex]): Claim => ({
        claim: `${what} fails the connection`,
        see: ({ WebSocket, url }) => history(new WebSocket(`${url}/bytes?hex=${hex}`)),
        expected: FAILED,
      }),
    ),
    {
      claim: 'a reason of 123 bytes comes whole, and an empty one is empty',
      see: async ({ WebSocket, url }) => {
        const reasons = ['€'.repeat(41), ''].map(async reason => {
          const socket = new WebSocket(`${url}/farewell?code=1000&reason=${encodeURIComponent(reason)}`)
          return (await closed(socket)).reason === reason
        })
        return Promise.all(reasons)
      },
      expected: [true, true],
    },
    {
      claim: 'a byte order mark stays in the reason',
      see: async ({ WebSocket, url }) => {
        const { reason } = await closed(new WebSocket(`${url}/farewell?code=1000&reason=%EF%BB%BFx`))
        return [...reason].map(character => character.codePointAt(0))
      },
      expected: [0xfeff, 0x78],
    },
    {
      claim: 'what a server sends after its close frame is not delivered, and does no harm',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/afterwards`)),
      expected: [
        ['open', 1],
        ['close', 3, 1000, 'over', true],
      ],
      chromium: {
        expected: FAILED,
        why: 'data behind a close frame is discarded (RFC 6455 §1.4); Chromium fails the connection',
      },
    },
    {
      claim: 'a server that hangs up right behind its close frame ends the connection cleanly',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/brief`)),
      expected: [
        ['open', 1],
        ['close', 3, 4321, '', true],
      ],
    },
    {
      claim: 'the close frame of the server is answered with its code',
      see: async ({ WebSocket, url, other }) => {
        const name = Math.random()
        await closed(new WebSocket(`${url}/dismissed?name=${name}&code=4321`))
        const socket = new WebSocket(`${other}/told?name=${name}`)
        const { data } = await next<'message'>(socket, 'message')
        socket.close()
        return data
      },
      expected: '88 10e1',
    },
    {
      claim: 'a connection that is reset gives 1006',
      see: async ({ WebSocket, url }) => {
        const { code, reason, wasClean } = await closed(new WebSocket(`${url}/reset`))
        return [code, reason, wasClean]
      },
      expected: [1006, '', false],
    },
    {
      claim: 'a connection that ends within a message gives 1006, and no part of the message',
      see: async ({ WebSocket, url }) => {
        const seen = (await history(new WebSocket(`${url}/torn`))) as [string][]
        return seen.filter(([type]) => type !== 'error')
      },
      expected: [
        ['open', 1],
        ['close', 3, 1006, '', false],
      ],
    },
    {
      claim: 'a message that came whole before the connection broke the protocol is delivered',
      see: ({ WebSocket, url }) => history(new WebSocket(`${url}/bytes?hex=810178c10179`)),
      expected: [['open', 1], ['message', 1, 'x'], ...FAILED.slice(1)],
    },
    {
      claim: 'the reactions of the error event are done before the close event: a handler may be set there',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        const seen: unknown[] = []
        await next(socket, 'error')
        socket.onclose = ({ code }) => seen.push(code)
        await turn()
        await turn()
        return seen
      },
      expected: [1006],
    },
    {
      claim: 'every failure of a handshake looks the same to the listeners',
      see: async ({ WebSocket, url }) => {
        const paths = [
          '/refused',
          '/answers?garbage',
          '/answers?nothing',
          '/answers?other-accept',
          '/chosen?protocol=x',
        ]
        const ends = await Promise.all(paths.map(path => history(new WebSocket(url + path))))
        return new Set(ends.map(end => JSON.stringify(end))).size
      },
      expected: 1,
    },
  ],
}
