/** The URL of the constructor. */
import { attempt, type Claim, construct, opened, type Section, said } from './kit.ts'

/** URLs as they are given and as `url` has them, or the error. The port 1 listens nowhere; nothing waits for it. */
const URLS: readonly (readonly [given: unknown, expected: string])[] = [
  ['ws://127.0.0.1:1', 'ws://127.0.0.1:1/'],
  ['wss://127.0.0.1:1', 'wss://127.0.0.1:1/'],
  ['http://127.0.0.1:1/a', 'ws://127.0.0.1:1/a'],
  ['https://127.0.0.1:1/a', 'wss://127.0.0.1:1/a'],
  ['WS://127.0.0.1:1/Case', 'ws://127.0.0.1:1/Case'],
  ['ws://127.0.0.1:80/', 'ws://127.0.0.1/'],
  ['wss://127.0.0.1:443/', 'wss://127.0.0.1/'],
  ['http://127.0.0.1:80/', 'ws://127.0.0.1/'],
  ['ws://127.0.0.1:443/', 'ws://127.0.0.1:443/'],
  ['ws://[::1]:1/', 'ws://[::1]:1/'],
  ['ws://[0:0:0:0:0:0:0:1]:1/', 'ws://[::1]:1/'],
  ['ws://127.1:1/', 'ws://127.0.0.1:1/'],
  ['ws://LOCALHOST:1/', 'ws://localhost:1/'],
  ['ws://user:secret@127.0.0.1:1/', 'ws://user:secret@127.0.0.1:1/'],
  ['ws://127.0.0.1:1/a b', 'ws://127.0.0.1:1/a%20b'],
  ['ws://127.0.0.1:1/ä?ö=1', 'ws://127.0.0.1:1/%C3%A4?%C3%B6=1'],
  ['ws://127.0.0.1:1?q', 'ws://127.0.0.1:1/?q'],
  ['ws://127.0.0.1:1/a/../b/./c', 'ws://127.0.0.1:1/b/c'],
  ['ws:127.0.0.1:1', 'ws://127.0.0.1:1/'],
  ['  ws://127.0.0.1:1/\n', 'ws://127.0.0.1:1/'],
  ['ws:\\\\127.0.0.1:1\\a', 'ws://127.0.0.1:1/a'],
  ['ws://127.0.0.1:1/%zz', 'ws://127.0.0.1:1/%zz'],
  [new URL('ws://127.0.0.1:1/object'), 'ws://127.0.0.1:1/object'],
  [{ toString: () => 'ws://127.0.0.1:1/said' }, 'ws://127.0.0.1:1/said'],
  ['ws://127.0.0.1:1/#', 'SyntaxError'],
  ['ws://127.0.0.1:1/#part', 'SyntaxError'],
  ['ftp://127.0.0.1:1/', 'SyntaxError'],
  ['mailto:a@example.com', 'SyntaxError'],
  ['about:blank', 'SyntaxError'],
  ['javascript:0', 'SyntaxError'],
  ['file:///etc/hosts', 'SyntaxError'],
  ['ws://', 'SyntaxError'],
  ['ws://127.0.0.1:65536/', 'SyntaxError'],
  ['ws://127.0.0.1:x/', 'SyntaxError'],
  ['ws://[::1/', 'SyntaxError'],
  ['ws://127.0.0.1:/', 'ws://127.0.0.1/'],
  ['ws://127.0.0.1:0/', 'ws://127.0.0.1:0/'],
  ['ws://127.0.0.1:0001/', 'ws://127.0.0.1:1/'],
  ['ws://0x7f.1:1/', 'ws://127.0.0.1:1/'],
  ['ws://2130706433:1/', 'ws://127.0.0.1:1/'],
  ['ws://%6cocalhost:1/', 'ws://localhost:1/'],
  ['ws://l\to\nc\ralhost:1/', 'ws://localhost:1/'],
  ['ws:///127.0.0.1:1/', 'ws://127.0.0.1:1/'],
  ['ws://user@127.0.0.1:1/', 'ws://user@127.0.0.1:1/'],
  ['ws://127.0.0.1:1/?', 'ws://127.0.0.1:1/?'],
  ["ws://127.0.0.1:1/'?'", "ws://127.0.0.1:1/'?%27"],
  ['ws://127.0.0.1:1/a%2fb//c', 'ws://127.0.0.1:1/a%2fb//c'],
  ['ws://127.0.0.1:1/\ud800?\udc00', 'ws://127.0.0.1:1/%EF%BF%BD?%EF%BF%BD'],
  ['ws://127.0.0.1:1/%23', 'ws://127.0.0.1:1/%23'],
  [Object('ws://127.0.0.1:1/boxed'), 'ws://127.0.0.1:1/boxed'],
  [['ws://127.0.0.1:1/list'], 'ws://127.0.0.1:1/list'],
  ['http://127.0.0.1:1/#', 'SyntaxError'],
  ['https://127.0.0.1:1/?#x', 'SyntaxError'],
  ['wss+x://127.0.0.1:1/', 'SyntaxError'],
  ['wsx://127.0.0.1:1/', 'SyntaxError'],
  ['data:text/plain,x', 'SyntaxError'],
  ['blob:ws://127.0.0.1:1/', 'SyntaxError'],
  ['ws://256.256.256.256/', 'SyntaxError'],
  ['ws://a<b/', 'SyntaxError'],
  ['ws://a%00b/', 'SyntaxError'],
  ['ws://:1/', 'SyntaxError'],
  ['ws://user@/', 'SyntaxError'],
  ['ws://127.0.0.1:-1/', 'SyntaxError'],
  ['wss://[::1%25eth0]/', 'SyntaxError'],
  [Symbol('url'), 'TypeError'],
]

/** URLs that are relative: they need a base. */
const RELATIVE: readonly unknown[] = ['', '/chat', 'chat', '?query', '//127.0.0.1:1/', null, undefined, 7, 10n, {}]

const HAS_BASE = 'a page has a base URL, which the standard takes; Node has none, so the URL parser fails'

export const urlSection: Section = {
  clause: 'WebSockets §3.1, constructor steps 1 to 5',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-websocket',
  title: 'the URL',
  claims: [
    ...URLS.map(
      ([given, expected]): Claim => ({
        claim: `${JSON.stringify(String(given))} (${typeof given}) as URL gives ${expected}`,
        see: all => construct(all, given),
        expected,
      }),
    ),
    ...RELATIVE.map(
      (given): Claim => ({
        claim: `${typeof given === 'string' ? `'${given}'` : String(given)} as URL has nothing to be relative to`,
        see: all => String(construct(all, given)).replace(/^ws:.*/, 'a WebSocket URL'),
        expected: 'SyntaxError',
        chromium: { expected: 'a WebSocket URL', why: HAS_BASE },
      }),
    ),
    {
      claim: 'a blank in the host is no URL',
      see: given => construct(given, 'ws://foo bar.com/'),
      expected: 'SyntaxError',
      chromium: {
        expected: 'ws://foo%20bar.com/',
        why: 'the URL standard forbids a blank in a host; Chromium escapes it',
      },
    },
    {
      claim: 'arguments are converted before any of them is judged',
      see: given => construct(given, 'not a URL', Symbol('p')),
      expected: 'TypeError',
    },
    {
      claim: 'the URL is converted once',
      see: given => {
        let times = 0
        const outcome = construct(given, { toString: () => `ws://127.0.0.1:1/${++times}` })
        return [outcome, times]
      },
      expected: ['ws://127.0.0.1:1/1', 1],
    },
    {
      claim: 'a URL object that is given stays as it is',
      see: given => {
        const url = new URL('http://127.0.0.1:1/')
        return [construct(given, url), url.href]
      },
      expected: ['ws://127.0.0.1:1/', 'http://127.0.0.1:1/'],
    },

    {
      claim: 'the errors of the constructor are DOMExceptions with the old code of a SyntaxError',
      see: ({ WebSocket, url }) =>
        [['ftp://127.0.0.1/'], [`${url}/#`], [url, 'a b']].map(given => {
          try {
            return new WebSocket(...(given as [string])).url
          } catch (error) {
            return [error instanceof DOMException, (error as DOMException).name, (error as DOMException).code]
          }
        }),
      expected: [1, 2, 3].map(() => [true, 'SyntaxError', 12]),
    },
    {
      claim: 'what the conversion of an argument throws is thrown',
      see: ({ WebSocket, url }) => {
        const thrown = new RangeError('mine')
        const fail = (): never => {
          throw thrown
        }
        return [[{ toString: fail }], [url, { [Symbol.iterator]: fail }], [url, [{ toString: fail }]]].map(given => {
          try {
            return new WebSocket(...(given as unknown as [string])).url
          } catch (error) {
            return error === thrown
          }
        })
      },
      expected: [true, true, true],
    },
    {
      claim: 'the URL is converted before the subprotocols, by toString before valueOf',
      see: given => {
        const seen: string[] = []
        const note = (name: string, value: string) => (): string => {
          seen.push(name)
          return value
        }
        const url = { toString: note('url', 'ws://127.0.0.1:1/'), valueOf: note('never', '') }
        const outcome = construct(given, url, [{ toString: note('protocol', 'a') }])
        return [outcome, seen]
      },
      expected: ['ws://127.0.0.1:1/', ['url', 'protocol']],
    },
    {
      claim: 'nothing is asked of a server when the constructor throws',
      see: async ({ WebSocket, url }) => {
        const name = Math.random()
        for (const [path, protocols] of [
          ['#x', []],
          ['', ['a', 'a']],
          ['', Symbol('p')],
        ])
          attempt(() => new WebSocket(`${url}/counted?name=${name}${String(path)}`, protocols as string))
        const socket = await opened(WebSocket, `${url}/counted?name=${name}`)
        const count = await new Promise(resolve => {
          socket.onmessage = ({ data }) => resolve(data)
        })
        socket.close()
        return count
      },
      expected: '1',
    },
    {
      claim: 'the url attribute stays as it is, to the end',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url.replace('ws:', 'HTTP:')}/a/../echo?b c`)
        const open = socket.url === `${url}/echo?b%20c`
        socket.close()
        await new Promise(resolve => socket.addEventListener('close', resolve))
        return [open, socket.url === `${url}/echo?b%20c`, said(() => socket.url)]
      },
      expected: [true, true, 'fine'],
    },
  ],
}
