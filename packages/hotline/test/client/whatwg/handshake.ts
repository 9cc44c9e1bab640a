/** The opening handshake: what the request has, and which answers open the socket. */
import { type Claim, closed, doomed, type Given, next, type Section } from './kit.ts'

/** The request as the server got it: its lines by name, in lower case. */
async function request(
  { WebSocket, url }: Given,
  target = '/head',
  protocols: string[] = [],
): Promise<Map<string, string[]>> {
  const socket = new WebSocket(url + target, protocols)
  const { data } = await next<'message'>(socket, 'message')
  socket.close()
  const [first = '', ...lines] = (data as string).split('\r\n')
  const fields = new Map([['', [first]]])
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? []
    fields.set(name.toLowerCase(), [...(fields.get(name.toLowerCase()) ?? []), value])
  }
  return fields
}

const KEEPS_MARK = 'a query that is empty is not sent (§2.1); Chromium sends the question mark'

const FAILED = [
  ['error', 3],
  ['close', 3, 1006, '', false],
]

/** What a server answers, with the subprotocols that were offered; it fails the connection. */
const FAILURES: readonly (readonly [who: string, path: string, protocols?: readonly string[]])[] = [
  ['a server that chooses a subprotocol that was not offered', '/chosen?protocol=three', ['one', 'two']],
  ['a server that chooses a subprotocol in another case', '/chosen?protocol=ONE', ['one', 'two']],
  ['a server that chooses a subprotocol though none was offered', '/chosen?protocol=one'],
  ['a server that chooses two subprotocols', '/chosen?protocol=one,two', ['one', 'two']],
  ['a server that chooses two subprotocols in two fields', '/answers?two-protocols', ['one', 'two']],
  ['a server that chooses an empty subprotocol', '/chosen?protocol=', ['one', 'two']],
  ['a server that chooses none of the subprotocols that were offered', '/chosen', ['one', 'two']],
  ['a server that chooses an extension that was not offered', '/extended'],
  ['a server that agrees on permessage-deflate twice', '/answers?deflate-twice'],
  ['a server that agrees on a parameter of permessage-deflate that there is not', '/deflated?parameters=x'],
  ['a server that agrees on a window that is too large', '/deflated?parameters=server_max_window_bits=16'],
  ['a server that refuses', '/refused'],
  ['a server that answers 200', '/answers?200'],
  ['a server that answers 204', '/answers?204'],
  ['a server that redirects to one that would open', '/answers?301'],
  ['a server that redirects with 307 to one that would open', '/answers?307'],
  ['a server that wants a password', '/answers?401'],
  ['a server that wants another version', '/answers?426'],
  ['a server that has failed', '/answers?500'],
  ['a server that does not name Upgrade', '/answers?no-upgrade'],
  ['a server that upgrades to something else', '/answers?other-upgrade'],
  ['a server that does not name Connection', '/answers?no-connection'],
  ['a server whose Connection does not name Upgrade', '/answers?other-connection'],
  ['a server that does not prove that it has read the key', '/answers?no-accept'],
  ['a server that proves another key', '/answers?other-accept'],
  ['a server that proves the key in another case', '/answers?case-accept'],
  ['a server that proves the key twice', '/answers?two-accepts'],
  ['a server that speaks no HTTP', '/answers?garbage'],
  ['a server that hangs up without an answer', '/answers?nothing'],
  ['a server that hangs up in its answer', '/answers?half'],
]

/** Answers that look odd, and open the socket. */
const SUCCESSES: readonly (readonly [who: string, path: string, protocols?: readonly string[]])[] = [
  ['a server that writes the names and tokens in another case', '/answers?case'],
  ['a server that lists more in Connection', '/answers?list'],
  ['a server that puts blanks around its values', '/answers?blanks'],
  ['a server that sends fields of its own and cookies', '/answers?more'],
  ['a server that says something else than Switching Protocols', '/answers?reason'],
  ['a server whose answer comes byte by byte', '/answers?bytes'],
  ['a server that chooses the last subprotocol', '/chosen?protocol=two', ['one', 'two']],
]

export const requestSection: Section = {
  clause: 'WebSockets §2.1 and §2.2, steps 1 to 11',
  href: 'https://websockets.spec.whatwg.org/#websocket-opening-handshake',
  title: 'the request of the handshake',
  claims: [
    {
      claim: 'the request is a GET of HTTP/1.1 with path and query of the URL',
      see: async given => (await request(given, '/head/a%20b/?q=1&r')).get(''),
      expected: ['GET /head/a%20b/?q=1&r HTTP/1.1'],
    },
    {
      claim: 'a query that is empty leaves no question mark',
      see: async given => (await request(given, '/head?')).get(''),
      expected: ['GET /head HTTP/1.1'],
      chromium: { expected: ['GET /head? HTTP/1.1'], why: KEEPS_MARK },
    },
    {
      claim: 'Host, Upgrade, Connection and the version stand there once, as the protocol wants',
      see: async given => {
        const fields = await request(given)
        return [
          fields.get('host')?.map(host => host === given.url.slice(5)),
          ...['upgrade', 'connection', 'sec-websocket-version'].map(name => fields.get(name)),
        ]
      },
      expected: [[true], ['websocket'], ['Upgrade'], ['13']],
    },
    {
      claim: 'the key is 16 bytes in base64, new each time',
      see: async given => {
        const keys = [(await request(given)).get('sec-websocket-key'), (await request(given)).get('sec-websocket-key')]
        const [[one = ''] = [], [two = ''] = []] = keys
        return [keys.map(values => values?.length), atob(one).length, atob(two).length, one === two]
      },
      expected: [[1, 1], 16, 16, false],
    },
    {
      claim: 'subprotocols are offered in one field, in their order; without them there is none',
      see: async given => [
        (await request(given, '/head', ['b', 'a'])).get('sec-websocket-protocol'),
        (await request(given)).get('sec-websocket-protocol') ?? 'none',
      ],
      expected: [['b, a'], 'none'],
    },
    {
      claim: 'permessage-deflate is offered',
      see: async given => (await request(given)).get('sec-websocket-extensions'),
      expected: ['permessage-deflate; client_max_window_bits'],
    },
    {
      claim: 'nothing says where the request comes from but Origin: no Referer, no body',
      see: async given => {
        const fields = await request(given)
        return ['referer', 'content-length', 'content-type', 'transfer-encoding'].map(name => fields.has(name))
      },
      expected: [false, false, false, false],
    },
    {
      claim: 'a user and a password in the URL are in neither the target nor Host',
      see: async given => {
        const fields = await request({ ...given, url: given.url.replace('//', '//user:secret@') })
        return [fields.get(''), fields.get('host')?.map(host => host === given.url.slice(5))]
      },
      expected: [['GET /head HTTP/1.1'], [true]],
    },
    {
      claim: 'a cookie that this server has set is sent to it again',
      see: async given => {
        await opensAndCloses(given, '/answers?more')
        return (await request(given)).get('cookie') ?? 'none'
      },
      expected: ['flavour=oat'],
      hotline: { expected: 'none', why: 'Node has no jar of cookies: they are sent when they are given in `headers`' },
    },
  ],
}

/** Whether the socket opens, and can be closed cleanly then. */
async function opensAndCloses(
  { WebSocket, url }: Given,
  path: string,
  protocols: readonly string[] = [],
): Promise<unknown> {
  const socket = new WebSocket(url + path, [...protocols])
  let opened = false
  socket.onopen = () => {
    opened = true
    socket.close()
  }
  const { wasClean } = await closed(socket)
  return opened && wasClean
}

export const answerSection: Section = {
  clause: 'WebSockets §2.2, step 12',
  href: 'https://websockets.spec.whatwg.org/#concept-websocket-establish',
  title: 'the answer to the handshake',
  claims: [
    ...SUCCESSES.map(
      ([who, path, protocols]): Claim => ({
        claim: `${who} opens the socket`,
        see: given => opensAndCloses(given, path, protocols),
        expected: true,
      }),
    ),
    {
      claim: 'a server that speaks HTTP/1.0 opens the socket',
      see: given => opensAndCloses(given, '/answers?old'),
      expected: true,
      hotline: { expected: false, why: 'stricter: HTTP/1.0 has no 101, so who sends it does not mean what it says' },
    },
    ...FAILURES.map(
      ([who, path, protocols = []]): Claim => ({
        claim: `${who} fails the connection`,
        see: ({ WebSocket, url }) => doomed(new WebSocket(url + path, [...protocols])),
        expected: FAILED,
      }),
    ),
    {
      claim: 'a redirect is not followed',
      see: async ({ WebSocket, url }) => {
        const name = Math.random()
        await closed(new WebSocket(`${url}/answers?301=/counted?name=${name}`))
        const socket = new WebSocket(`${url}/counted?name=${name}`)
        const { data } = await next<'message'>(socket, 'message')
        socket.close()
        return data
      },
      expected: '1',
    },
    {
      claim:
        'a port that browsers block fails the connection, without an exception (here nothing listens there either)',
      see: ({ WebSocket }) => doomed(new WebSocket('ws://127.0.0.1:1/')),
      expected: FAILED,
    },
    {
      claim: 'a host that there is not fails the connection',
      see: ({ WebSocket }) => doomed(new WebSocket('ws://host.invalid/')),
      expected: FAILED,
    },
    {
      claim: 'a server without TLS fails the connection of a wss: URL',
      see: ({ WebSocket, url }) => doomed(new WebSocket(`${url.replace('ws:', 'wss:')}/echo`)),
      expected: FAILED,
    },
    {
      claim: 'an answer between 100 and 199 before the real one is passed over',
      see: given => opensAndCloses(given, '/answers?103'),
      expected: true,
      chromium: {
        expected: false,
        why: 'a client must be able to (RFC 9110 §15.2); Chromium takes the first for the answer',
      },
    },
  ],
}
