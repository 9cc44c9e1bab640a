/**
 * The WebSockets standard of the WHATWG, and Web IDL where it speaks of this interface, as claims that a program can
 * check. They know nothing of Node, so that whatwg.test.ts runs each of them on our class and on Chromium's.
 */
type Class = typeof import('../../src/client/websocket.ts').WebSocket
type Socket = InstanceType<Class>

/** What a claim is given: the class, and the URL of a server that plays scenes.ts. */
export interface Given {
  readonly WebSocket: Class
  readonly url: string
}

export interface Claim {
  readonly claim: string
  /** What can be seen, as something that JSON can say. */
  readonly see: (given: Given) => unknown
  readonly expected: unknown
  /** Where Chromium does otherwise: what it does; the reason why we do not stands beside it. */
  readonly chromium?: { readonly expected: unknown }
}

/** The name of what is thrown, or what comes of it. */
function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return (error as Error).name
  }
}

const said = (act: () => unknown): unknown =>
  attempt(() => {
    act()
    return 'fine'
  })

const next = <K extends 'open' | 'message' | 'error' | 'close'>(socket: Socket, type: K): Promise<never> =>
  new Promise(resolve => socket.addEventListener(type, resolve as never, { once: true }))

const closed = (socket: Socket): Promise<{ code: number; reason: string; wasClean: boolean }> => next(socket, 'close')

async function opened(WebSocket: Class, url: string, protocols?: string | string[]): Promise<Socket> {
  const socket = new WebSocket(url, protocols)
  await next(socket, 'open')
  return socket
}

/** Takes the messages of a socket, one after the other. */
function messages(socket: Socket): () => Promise<MessageEvent> {
  const come: MessageEvent[] = []
  let wanted: (() => void) | undefined
  socket.addEventListener('message', event => {
    come.push(event)
    wanted?.()
  })
  return async () => {
    while (come.length === 0) await new Promise<void>(resolve => (wanted = resolve))
    return come.shift() as MessageEvent
  }
}

/** The data of so many echoes; then the socket is closed. */
async function echoes(given: Given, send: (socket: Socket) => void, count: number, path = '/echo'): Promise<unknown[]> {
  const socket = await opened(given.WebSocket, given.url + path)
  socket.binaryType = 'arraybuffer'
  const message = messages(socket)
  send(socket)
  const data: unknown[] = []
  while (data.length < count) data.push(hexOf((await message()).data))
  socket.close()
  await closed(socket)
  return data
}

const hexOf = (data: unknown): unknown =>
  data instanceof ArrayBuffer
    ? Array.from(new Uint8Array(data), byte => byte.toString(16).padStart(2, '0')).join(' ')
    : data

/** Everything that is fired at a socket until it is closed, and a turn later, with the state at that time. */
async function history(socket: Socket): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const type of ['open', 'message', 'error', 'close'] as const) {
    socket.addEventListener(type, event => {
      const { code, reason, wasClean } = event as unknown as Record<string, unknown>
      const more =
        type === 'close' ? [code, reason, wasClean] : type === 'message' ? [(event as MessageEvent).data] : []
      seen.push([type, socket.readyState, ...more])
    })
  }
  await closed(socket)
  await turn()
  return seen
}

/** A task of its own. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn()
}

/** A try at the constructor: the URL that comes of it, or the name of the error. */
function construct({ WebSocket }: Given, ...parameters: readonly unknown[]): unknown {
  return attempt(() => {
    const socket = new WebSocket(...(parameters as [string]))
    socket.close()
    return socket.url
  })
}

/** A try at close() while connecting. */
function closing({ WebSocket, url }: Given, parameters: readonly unknown[]): unknown {
  const socket = new WebSocket(`${url}/silent`)
  const outcome = said(() => socket.close(...(parameters as [number])))
  socket.close()
  return outcome
}

const READ_ONLY = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol']
const HANDLERS = ['onopen', 'onmessage', 'onerror', 'onclose']

const interfaceClaims: readonly Claim[] = [
  {
    claim: 'the constructor needs new',
    see: ({ WebSocket, url }) => said(() => (WebSocket as unknown as (url: string) => void)(url)),
    expected: 'TypeError',
  },
  {
    claim: 'the constructor needs an argument',
    see: ({ WebSocket }) => said(() => new (WebSocket as unknown as new () => Socket)()),
    expected: 'TypeError',
  },
  {
    claim: 'names and lengths of the functions are those of Web IDL',
    see: ({ WebSocket: { name, length, prototype } }) => [
      [name, length],
      [prototype.close.name, prototype.close.length],
      [prototype.send.name, prototype.send.length],
    ],
    expected: [
      ['WebSocket', 1],
      ['close', 0],
      ['send', 1],
    ],
  },
  {
    claim: 'the constants stand on the class and on the prototype, and stay',
    see: ({ WebSocket }) =>
      [WebSocket, WebSocket.prototype].map(holder =>
        ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].map(name =>
          Object.values(Object.getOwnPropertyDescriptor(holder, name) ?? {}),
        ),
      ),
    expected: Array.from({ length: 2 }, () => [0, 1, 2, 3].map(value => [value, false, true, false])),
  },
  {
    claim: 'the constants can be read from an instance, and writing them throws in strict code',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      socket.close()
      const wrote = said(() => {
        ;(socket as { OPEN: number }).OPEN = 7
      })
      return [socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED, wrote]
    },
    expected: [0, 1, 2, 3, 'TypeError'],
  },
  {
    claim: 'the members of the interface can be enumerated, and an instance has none of its own',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      socket.close()
      const names: string[] = []
      for (const name in WebSocket.prototype) if (Object.hasOwn(WebSocket.prototype, name)) names.push(name)
      return [names.sort(), Object.getOwnPropertyNames(socket)]
    },
    expected: [
      [...READ_ONLY, ...HANDLERS, 'binaryType', 'send', 'close', 'CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].sort(),
      [],
    ],
  },
  {
    claim: 'attributes are accessors of the prototype, the read-only ones without a setter',
    see: ({ WebSocket }) =>
      [...READ_ONLY, ...HANDLERS, 'binaryType'].map(name => {
        const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name) ?? {}
        return [name, typeof get, typeof set, enumerable, configurable]
      }),
    expected: [
      ...READ_ONLY.map(name => [name, 'function', 'undefined', true, true]),
      ...[...HANDLERS, 'binaryType'].map(name => [name, 'function', 'function', true, true]),
    ],
  },
  {
    claim: 'writing a read-only attribute throws in strict code and changes nothing',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`) as unknown as Record<string, unknown> & Socket
      socket.close()
      return READ_ONLY.map(name => {
        const before = socket[name]
        const wrote = said(() => {
          socket[name] = 'x'
        })
        return [wrote, socket[name] === before]
      })
    },
    expected: READ_ONLY.map(() => ['TypeError', true]),
  },
  {
    claim: 'attributes and methods refuse another object as this',
    see: ({ WebSocket: { prototype } }) => [
      ...[...READ_ONLY, 'binaryType'].map(name => said(() => Reflect.get(prototype, name, {}))),
      said(() => prototype.send.call({} as Socket, '')),
      said(() => prototype.close.call({} as Socket)),
    ],
    expected: Array.from({ length: 8 }, () => 'TypeError'),
  },
  {
    claim: 'an instance is an EventTarget and says what it is',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      socket.close()
      return [String(socket), socket instanceof EventTarget, socket instanceof WebSocket]
    },
    expected: ['[object WebSocket]', true, true],
  },
  {
    claim: 'a class can extend it',
    see: async ({ WebSocket, url }) => {
      class Chat extends WebSocket {
        say(text: string): void {
          this.send(text)
        }
      }
      const chat = new Chat(`${url}/echo`)
      await next(chat, 'open')
      const message = messages(chat)
      chat.say('hello')
      const { data } = await message()
      chat.close()
      return [data, chat instanceof WebSocket]
    },
    expected: ['hello', true],
  },
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
]

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
  [Symbol('url'), 'TypeError'],
]

/** Subprotocols as they are given, and what the server is offered or the error. */
const PROTOCOLS: readonly (readonly [name: string, given: () => unknown, expected: string])[] = [
  ['undefined', () => undefined, 'none'],
  ['an empty list', () => [], 'none'],
  ['a string', () => 'chat', 'chat'],
  ['a list', () => ['chat', 'super-chat'], 'chat, super-chat'],
  ['names that differ in case', () => ['chat', 'CHAT'], 'chat, CHAT'],
  ['every character of a token', () => "!#$%&'*+-.^_`|~09AZaz", "!#$%&'*+-.^_`|~09AZaz"],
  ['a set', () => new Set(['a', 'b']), 'a, b'],
  [
    'a generator',
    function* () {
      yield 'a'
      yield 'b'
    } as () => unknown,
    'a, b',
  ],
  ['a String object, which is a list of its characters', () => Object('ab'), 'a, b'],
  ['null, which is a string to Web IDL', () => null, 'null'],
  ['a number', () => 7, '7'],
  ['a list of numbers', () => [7, 8], '7, 8'],
  ['an object, which is a string to Web IDL', () => ({ headers: {} }), 'SyntaxError'],
  ['an empty string', () => '', 'SyntaxError'],
  ['an empty string in a list', () => ['a', ''], 'SyntaxError'],
  ['a name twice', () => ['a', 'a'], 'SyntaxError'],
  ['a list in one string', () => 'a,b', 'SyntaxError'],
  ['a blank', () => 'a b', 'SyntaxError'],
  ['a slash', () => 'a/b', 'SyntaxError'],
  ['a line break', () => 'a\r\nX: y', 'SyntaxError'],
  ['a control character', () => 'a\x7f', 'SyntaxError'],
  ['a letter beyond ASCII', () => 'ä', 'SyntaxError'],
  ['a symbol', () => Symbol('p'), 'TypeError'],
  ['a symbol in a list', () => [Symbol('p')], 'TypeError'],
  ['an iterable whose iterator is none', () => ({ [Symbol.iterator]: 1 }), 'TypeError'],
]

const constructorClaims: readonly Claim[] = [
  ...URLS.map(
    ([given, expected]): Claim => ({
      claim: `${JSON.stringify(String(given))} (${typeof given}) as URL gives ${expected}`,
      see: all => construct(all, given),
      expected,
    }),
  ),
  ...PROTOCOLS.map(
    ([name, given, expected]): Claim => ({
      claim: `${name} as protocols gives ${expected}`,
      see: async ({ WebSocket, url }) => {
        const socket = attempt(() => new WebSocket(`${url}/offers`, given() as string)) as Socket | string
        if (typeof socket === 'string') return socket
        const { data } = await next<'message'>(socket, 'message')
        socket.close()
        return data
      },
      expected,
    }),
  ),
  {
    claim: 'a blank in the host is no URL',
    see: given => construct(given, 'ws://foo bar.com/'),
    expected: 'SyntaxError',
    // Chromium puts %20 there. The URL standard forbids it in a host, and Node's URL follows that.
    chromium: { expected: 'ws://foo%20bar.com/' },
  },
  {
    claim: 'a relative URL has nothing to be relative to',
    see: given => String(construct(given, '/chat')).replace(/^ws:.*\/chat$/, 'a WebSocket URL'),
    expected: 'SyntaxError',
    // A page has a base URL, and the standard takes it. Node has none: the URL parser fails.
    chromium: { expected: 'a WebSocket URL' },
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
    claim: 'the subprotocol that the server chose is known when the socket opens, not before',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/chosen?protocol=two`, ['one', 'two'])
      const before = socket.protocol
      await next(socket, 'open')
      socket.close()
      return [before, socket.protocol, socket.extensions]
    },
    expected: ['', 'two', ''],
  },
  ...(
    [
      ['a server that chooses a subprotocol that was not offered', '/chosen?protocol=three', ['one', 'two']],
      ['a server that chooses a subprotocol in another case', '/chosen?protocol=ONE', ['one', 'two']],
      ['a server that chooses a subprotocol though none was offered', '/chosen?protocol=one', []],
      ['a server that chooses two subprotocols', '/chosen?protocol=one,two', ['one', 'two']],
      ['a server that chooses none of the subprotocols that were offered', '/chosen', ['one', 'two']],
      ['a server that chooses an extension that was not offered', '/extended', []],
      ['a server that refuses', '/refused', []],
    ] as const
  ).map(
    ([who, path, protocols]): Claim => ({
      claim: `${who} fails the connection`,
      see: ({ WebSocket, url }) => history(new WebSocket(url + path, [...protocols])),
      expected: [
        ['error', 3],
        ['close', 3, 1006, '', false],
      ],
    }),
  ),
]

/**
 * Arguments of close() while connecting, and what it throws; then what Chromium does, which differs twice from Web IDL:
 * it cuts a fraction off where [Clamp] rounds, and takes an undefined code for 0 when a reason follows.
 */
const CLOSES: readonly (readonly [given: readonly unknown[], expected: string, chromium?: string])[] = [
  [[], 'fine'],
  [[undefined], 'fine'],
  [[1000], 'fine'],
  [[3000], 'fine'],
  [[4999], 'fine'],
  [['1000'], 'fine'],
  [[1000.5], 'fine'],
  [[999.5], 'fine', 'InvalidAccessError'],
  [[2999.5], 'fine', 'InvalidAccessError'],
  [[{ valueOf: () => 1000 }], 'fine'],
  [[0], 'InvalidAccessError'],
  [[null], 'InvalidAccessError'],
  [[Number.NaN], 'InvalidAccessError'],
  [['x'], 'InvalidAccessError'],
  [[true], 'InvalidAccessError'],
  [[{}], 'InvalidAccessError'],
  [[999], 'InvalidAccessError'],
  [[1001], 'InvalidAccessError'],
  [[1005], 'InvalidAccessError'],
  [[2999], 'InvalidAccessError'],
  [[2999.4], 'InvalidAccessError'],
  [[4999.5], 'InvalidAccessError', 'fine'],
  [[5000], 'InvalidAccessError'],
  [[-1000], 'InvalidAccessError'],
  [[65_536 + 1000], 'InvalidAccessError'],
  [[Number.POSITIVE_INFINITY], 'InvalidAccessError'],
  [[Symbol('code')], 'TypeError'],
  [[1000, ''], 'fine'],
  [[undefined, 'why'], 'fine', 'InvalidAccessError'],
  [[1000, 'a'.repeat(123)], 'fine'],
  [[1000, 'a'.repeat(124)], 'SyntaxError'],
  [[1000, 'é'.repeat(61)], 'fine'],
  [[1000, 'é'.repeat(62)], 'SyntaxError'],
  [[1000, '€'.repeat(41)], 'fine'],
  [[1000, '€'.repeat(42)], 'SyntaxError'],
  [[1000, '😀'.repeat(30)], 'fine'],
  [[1000, '😀'.repeat(31)], 'SyntaxError'],
  [[1000, '\ud800'.repeat(41)], 'fine'],
  [[1000, '\ud800'.repeat(42)], 'SyntaxError'],
  [[undefined, 'a'.repeat(124)], 'SyntaxError', 'InvalidAccessError'],
  [[999, 'a'.repeat(124)], 'InvalidAccessError'],
  [[1000, Symbol('reason')], 'TypeError'],
  [[999, Symbol('reason')], 'TypeError'],
]

/** Arguments of close(), and the close frame that the server gets. RFC 6455 §5.5.1 */
const CLOSE_FRAMES: readonly (readonly [given: readonly unknown[], payload: string])[] = [
  [[], ''],
  [[undefined, undefined], ''],
  [[undefined, ''], ''],
  [[1000], '03e8'],
  [[3000.4], '0bb8'],
  [[4999, undefined], '1387'],
  [[4999, 'bye €'], '138762796520e282ac'],
  [[undefined, 'bye'], '03e8627965'],
  [[3000, '\ud800'], '0bb8efbfbd'],
  [[3000, null], '0bb86e756c6c'],
]

const show = (values: readonly unknown[]): string =>
  values
    .map(value =>
      typeof value === 'string' ? `'${value.length > 20 ? `${value.slice(0, 2)}…` : value}'` : String(value),
    )
    .join(', ')

const closeClaims: readonly Claim[] = [
  ...CLOSES.map(
    ([given, expected, chromium]): Claim => ({
      claim: `close(${show(given)})${typeof given[1] === 'string' ? ` of ${given[1].length} units` : ''} gives ${expected}`,
      see: all => closing(all, given),
      expected,
      ...(chromium === undefined ? {} : { chromium: { expected: chromium } }),
    }),
  ),
  ...CLOSE_FRAMES.map(
    ([given, payload]): Claim => ({
      claim: `close(${show(given)}) sends ${payload === '' ? 'no body' : payload}, and the event tells what the server answered`,
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/frames`)
        const threw = said(() => socket.close(...(given as [number])))
        if (threw !== 'fine') return threw
        const { code, reason, wasClean } = await closed(socket)
        return [code, reason, wasClean]
      },
      expected: [4999, `88 ${payload} after 0`, true],
      ...(given.length > 1 && given[0] === undefined && given[1] !== undefined
        ? { chromium: { expected: 'InvalidAccessError' } }
        : {}),
    }),
  ),
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
    claim: 'the server may close with codes that an application may not',
    see: ({ WebSocket, url }) => history(new WebSocket(`${url}/farewell?code=1001`)),
    expected: [
      ['open', 1],
      ['message', 1, 'last'],
      ['close', 3, 1001, '', true],
    ],
  },
  {
    claim: 'the state is CLOSING from the close frame of the server until the connection ends',
    see: async ({ WebSocket, url }) => {
      const socket = await opened(WebSocket, `${url}/linger`)
      await until(() => socket.readyState !== WebSocket.OPEN)
      const between = socket.readyState
      const sent = said(() => socket.send('too late'))
      const { bufferedAmount } = socket
      const other = await opened(WebSocket, `${url}/hangup`)
      other.close()
      return [between, sent, bufferedAmount, ...(await history(socket))]
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
    // RFC 6455 §7.2.1: a client must fail the connection, and the standard then fires an error. Chromium leaves it out.
    chromium: {
      expected: [
        ['open', 1],
        ['close', 3, 1006, '', false],
      ],
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
]

/** What is sent, and what the server gets: first byte and payload. */
const SENDS: readonly (readonly [name: string, given: () => unknown, frame: string])[] = [
  ['an empty string', () => '', '81 '],
  ['text of every length in UTF-8', () => 'aé€😀', '81 61c3a9e282acf09f9880'],
  ['an unpaired high surrogate', () => 'a\ud800b', '81 61efbfbd62'],
  ['an unpaired low surrogate', () => '\udc00', '81 efbfbd'],
  ['two surrogates in the wrong order', () => '\udc00\ud800', '81 efbfbdefbfbd'],
  ['NUL', () => '\0', '81 00'],
  ['null', () => null, '81 6e756c6c'],
  ['undefined', () => undefined, '81 756e646566696e6564'],
  ['a number', () => 1.5, '81 312e35'],
  ['a boolean', () => true, '81 74727565'],
  ['a bigint', () => 10n, '81 3130'],
  ['an object', () => ({}), '81 5b6f626a656374204f626a6563745d'],
  ['an object with toString', () => ({ toString: () => 'said' }), '81 73616964'],
  ['a list of numbers', () => [1, 2], '81 312c32'],
  ['a String object', () => Object('text'), '81 74657874'],
  ['an empty ArrayBuffer', () => new ArrayBuffer(0), '82 '],
  ['an ArrayBuffer', () => Uint8Array.of(0, 1, 255).buffer, '82 0001ff'],
  ['a Uint8Array', () => Uint8Array.of(1, 2), '82 0102'],
  ['a part of a buffer', () => Uint8Array.of(0, 1, 2, 3).subarray(1, 3), '82 0102'],
  ['a DataView of a part', () => new DataView(Uint8Array.of(0, 1, 2, 3).buffer, 2, 1), '82 02'],
  ['numbers of two bytes', () => new Uint16Array(Uint8Array.of(9, 9, 1, 2).buffer, 2, 1), '82 0102'],
  ['numbers of eight bytes', () => Float64Array.of(1), '82 000000000000f03f'],
  ['an empty Blob', () => new Blob([]), '82 '],
  ['a Blob', () => new Blob([Uint8Array.of(7, 8), 'é']), '82 0708c3a9'],
  ['a part of a Blob', () => new Blob(['abcd']).slice(1, 3), '82 6263'],
  ['an ArrayBuffer that was given away', () => detached(new ArrayBuffer(4)), '82 '],
  ['a view of an ArrayBuffer that was given away', () => detachedView(Uint8Array.of(1, 2)), '82 '],
]

function detached(buffer: ArrayBuffer): ArrayBuffer {
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

function detachedView(view: Uint8Array<ArrayBuffer>): Uint8Array {
  detached(view.buffer)
  return view
}

const sharedBuffer = (): SharedArrayBuffer =>
  new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer as unknown as SharedArrayBuffer

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

const sendClaims: readonly Claim[] = [
  ...SENDS.map(
    ([name, given, expected]): Claim => ({
      claim: `${name} is sent as ${expected}`,
      see: async all => (await echoes(all, socket => socket.send(given() as string), 1, '/frames'))[0],
      expected,
    }),
  ),
  {
    claim: 'send() needs an argument',
    see: async ({ WebSocket, url }) => {
      const socket = await opened(WebSocket, `${url}/echo`)
      const outcome = said(() => (socket.send as () => void)())
      socket.close()
      return outcome
    },
    expected: 'TypeError',
  },
  {
    claim: 'send() while connecting throws, and counts nothing',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      const outcome = said(() => socket.send('early'))
      socket.close()
      return [outcome, socket.bufferedAmount]
    },
    expected: ['InvalidStateError', 0],
  },
  {
    claim: 'send() after close() was called while connecting counts, and throws nothing',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      socket.close()
      return [said(() => socket.send('late')), socket.bufferedAmount]
    },
    expected: ['fine', 4],
  },
  {
    claim: 'send() converts its argument before it looks at the state',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      let asked = 0
      const outcomes = [
        said(() => socket.send({ toString: () => `${++asked}` } as never)),
        said(() => socket.send(Symbol('x') as never)),
      ]
      socket.close()
      return [outcomes, asked]
    },
    expected: [['InvalidStateError', 'TypeError'], 1],
  },
  {
    claim: 'what lies in shared memory is not sent',
    see: async ({ WebSocket, url }) => {
      const socket = await opened(WebSocket, `${url}/echo`)
      const outcomes = [sharedBuffer(), new Uint8Array(sharedBuffer()), new DataView(sharedBuffer())].map(data =>
        said(() => socket.send(data as never)),
      )
      socket.close()
      return [outcomes, socket.bufferedAmount]
    },
    expected: [['TypeError', 'TypeError', 'TypeError'], 0],
  },
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
    claim: '5 MiB go there and back, as text and as bytes',
    see: async ({ WebSocket, url }) => {
      const socket = await opened(WebSocket, `${url}/echo`)
      socket.binaryType = 'arraybuffer'
      const message = messages(socket)
      const text = '0123456789€'.repeat(419_431).slice(0, 5_242_880)
      const bytes = Uint8Array.from({ length: 5_242_880 }, (_, i) => i % 251)
      socket.send(text)
      socket.send(bytes)
      const sameText = (await message()).data === text
      const back = new Uint8Array((await message()).data)
      socket.close()
      return [sameText, back.length, back.every((byte, i) => byte === i % 251)]
    },
    expected: [true, 5_242_880, true],
  },
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
]

const receiveClaims: readonly Claim[] = [
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
]

const eventClaims: readonly Claim[] = [
  {
    claim: 'the open event is an Event that does not bubble and cannot be cancelled',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/echo`)
      const event = await next<'open'>(socket, 'open')
      socket.close()
      return describe(event, socket)
    },
    expected: ['Event', 'open', false, false, true],
  },
  {
    claim: 'the message event is a MessageEvent with the origin of the URL',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/burst?query`)
      const event = await next<'message'>(socket, 'message')
      socket.close()
      const { origin, lastEventId, source, ports } = event as MessageEvent
      return [...describe(event, socket), origin === url, lastEventId, source, ports.length]
    },
    expected: ['MessageEvent', 'message', false, false, true, true, '', null, 0],
  },
  {
    claim: 'the close event is a CloseEvent with wasClean, code and reason',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/farewell?code=3456&reason=why`)
      const event = (await next<'close'>(socket, 'close')) as CloseEvent
      return [...describe(event, socket), event.wasClean, event.code, event.reason, String(event)]
    },
    expected: ['CloseEvent', 'close', false, false, true, true, 3456, 'why', '[object CloseEvent]'],
  },
  {
    claim: 'the error event does not bubble and cannot be cancelled',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/refused`)
      const event = await next<'error'>(socket, 'error')
      return describe(event, socket).slice(1)
    },
    expected: ['error', false, false, true],
  },
  {
    claim: 'a CloseEvent can be made, with conversions as Web IDL has them',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/refused`)
      const event = (await next<'close'>(socket, 'close')) as CloseEvent
      const make = event.constructor as new (...given: unknown[]) => CloseEvent
      const fields = ({ type, wasClean, code, reason }: CloseEvent): unknown[] => [type, wasClean, code, reason]
      return [
        fields(new make('x')),
        fields(new make('close', { wasClean: 1, code: 65_536 + 1000.9, reason: null })),
        fields(new make('close', { wasClean: undefined, code: undefined, reason: undefined })),
        said(() => new make()),
        said(() => new make('close', { reason: Symbol('x') })),
      ]
    },
    expected: [['x', false, 0, ''], ['close', true, 1000, 'null'], ['close', false, 0, ''], 'TypeError', 'TypeError'],
  },
  {
    claim: 'the fields of an event cannot be written',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/farewell?code=3456&reason=why`)
      const event = (await next<'close'>(socket, 'close')) as Record<string, unknown>
      return ['wasClean', 'code', 'reason'].map(name => [
        said(() => {
          event[name] = 'x'
        }),
        event[name],
        Object.hasOwn(event, name),
      ])
    },
    expected: [
      ['TypeError', true, false],
      ['TypeError', 3456, false],
      ['TypeError', 'why', false],
    ],
  },
  {
    claim: 'an event handler attribute holds functions and objects; everything else is null',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      socket.close()
      const object = {}
      const handler = (): void => {}
      return HANDLERS.map(name =>
        [handler, object, 'code', 7, true, undefined, null, handler].map(value => {
          Reflect.set(socket, name, value)
          return Reflect.get(socket, name) === value ? 'kept' : Reflect.get(socket, name)
        }),
      )
    },
    expected: HANDLERS.map(() => ['kept', 'kept', null, null, null, null, 'kept', 'kept']),
  },
  {
    claim: 'a handler that is replaced keeps its place among the listeners; one that was taken away is added anew',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/echo`)
      const seen: string[] = []
      const note = (name: string) => (): void => void seen.push(name)
      socket.onopen = note('first handler')
      socket.addEventListener('open', note('listener'))
      socket.onopen = note('second handler')
      socket.onmessage = note('taken away')
      socket.addEventListener('message', note('listener of messages'))
      socket.onmessage = null
      socket.onmessage = note('added anew')
      await next(socket, 'open')
      socket.send('x')
      await next(socket, 'message')
      socket.close()
      return seen
    },
    expected: ['second handler', 'listener', 'listener of messages', 'added anew'],
  },
  {
    claim:
      'a handler is called with the socket as this and the event; the handleEvent of an object in an attribute is not',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/echo`)
      const seen: unknown[] = []
      socket.onopen = function (this: unknown, ...given: unknown[]) {
        seen.push(this === socket, given.length, (given[0] as Event).type)
      }
      Reflect.set(socket, 'onmessage', { handleEvent: () => seen.push('never') })
      socket.addEventListener('message', {
        handleEvent(this: object, event: Event) {
          seen.push('handleEvent' in this, event.type)
        },
      } as never)
      await next(socket, 'open')
      socket.send('x')
      await next(socket, 'message')
      socket.close()
      return seen
    },
    expected: [true, 1, 'open', true, 'message'],
  },
  {
    claim: 'listeners are called once for each registration, as once and removeEventListener say',
    see: async ({ WebSocket, url }) => {
      const socket = await opened(WebSocket, `${url}/echo`)
      const message = messages(socket)
      const seen: string[] = []
      const twice = (): void => void seen.push('added twice')
      const removed = (): void => void seen.push('removed')
      socket.addEventListener('message', twice)
      socket.addEventListener('message', twice)
      socket.addEventListener('message', () => seen.push('once'), { once: true })
      socket.addEventListener('message', removed)
      socket.removeEventListener('message', removed)
      for (const data of ['1', '2']) {
        socket.send(data)
        await message()
        await turn()
      }
      socket.close()
      return seen
    },
    expected: ['added twice', 'once', 'added twice'],
  },
  {
    claim: 'a listener can be given an AbortSignal',
    see: async ({ WebSocket, url }) => {
      const socket = await opened(WebSocket, `${url}/echo`)
      const message = messages(socket)
      const controller = new AbortController()
      const seen: unknown[] = []
      socket.addEventListener('message', ({ data }) => seen.push(data), { signal: controller.signal })
      socket.send('heard')
      await message()
      await turn()
      controller.abort()
      socket.send('not heard')
      await message()
      await turn()
      socket.close()
      return seen
    },
    expected: ['heard'],
  },
  {
    claim: 'stopImmediatePropagation keeps later listeners out, the handlers of attributes too',
    see: async ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/echo`)
      const seen: string[] = []
      socket.addEventListener('open', event => {
        seen.push('first')
        event.stopImmediatePropagation()
      })
      socket.onopen = () => seen.push('never')
      await until(() => socket.readyState === WebSocket.OPEN)
      socket.close()
      return seen
    },
    expected: ['first'],
  },
  {
    claim: 'an application may fire events of its own at a socket',
    see: ({ WebSocket, url }) => {
      const socket = new WebSocket(`${url}/silent`)
      const seen: string[] = []
      socket.onmessage = ({ data }) => seen.push(data)
      socket.onclose = () => seen.push('close')
      socket.dispatchEvent(new MessageEvent('message', { data: 'mine' }))
      socket.dispatchEvent(new Event('close'))
      const { readyState } = socket
      socket.close()
      return [seen, readyState]
    },
    expected: [['mine', 'close'], 0],
  },
]

/** Class, type, bubbles, cancelable, and whether the target is the socket. */
function describe(event: Event, socket: Socket): unknown[] {
  const { type, bubbles, cancelable, target } = event
  return [event.constructor.name, type, bubbles, cancelable, target === socket]
}

export const claims: readonly Claim[] = [
  ...interfaceClaims,
  ...constructorClaims,
  ...closeClaims,
  ...sendClaims,
  ...receiveClaims,
  ...eventClaims,
]
