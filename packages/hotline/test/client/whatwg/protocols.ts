/** The subprotocols of the constructor. */
import { attempt, type Claim, construct, type Given, next, type Section, type Socket } from './kit.ts'

const HUNDRED = Array.from({ length: 100 }, (_, i) => `p${i}`).join(', ')

/** An iterator of nothing but numbers; who does not mind would ask for ever. */
function numbers(): unknown {
  let asked = 0
  return {
    next: () => {
      if (++asked > 10) throw new Error('asked again and again')
      return asked
    },
  }
}

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
  ['a list with nothing in it but a hole', () => new Array(1), 'undefined'],
  ['a list with null and undefined', () => [null, undefined], 'null, undefined'],
  ['a list in a list', () => [['a']], 'a'],
  ['a typed array', () => Uint8Array.of(7, 8), '7, 8'],
  ['a bigint', () => 7n, '7'],
  ['a boolean', () => false, 'false'],
  ['an iterator that is its own iterable', () => ['a', 'b'].values(), 'a, b'],
  ['a function that can be iterated', () => Object.assign(() => {}, { [Symbol.iterator]: () => ['a'].values() }), 'a'],
  ['an object whose Symbol.iterator is null', () => ({ [Symbol.iterator]: null, toString: () => 'text' }), 'text'],
  ['a hundred names', () => Array.from({ length: 100 }, (_, i) => `p${i}`), HUNDRED],
  ['an empty string', () => '', 'SyntaxError'],
  ['a name twice, with another between', () => ['a', 'b', 'a'], 'SyntaxError'],
  ['two names that are the same as text', () => [7, '7'], 'SyntaxError'],
  ['a list of an empty list', () => [[]], 'SyntaxError'],
  ['an unpaired surrogate', () => '\ud800', 'SyntaxError'],
  ['a character whose last byte is a letter', () => '\u0161', 'SyntaxError'],
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
  ['an iterable whose iterator is no object', () => ({ [Symbol.iterator]: () => 1 }), 'TypeError'],
  ['an iterator whose results are no objects', () => ({ [Symbol.iterator]: numbers }), 'TypeError'],
]

/** Every character of ASCII that is no part of a token, the blank and the controls among them. RFC 9110 §5.6.2 */
const NO_TOKEN = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter(
  character => !/[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character),
)

const refusals = (given: Given, names: readonly string[]): string[] =>
  names.filter(name => construct(given, `${given.url}/silent`, name) === 'SyntaxError')

export const protocolsSection: Section = {
  clause: 'WebSockets §3.1, constructor steps 6 and 7',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-websocket',
  title: 'the subprotocols',
  claims: [
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
      claim: 'each character that is no part of a token is refused',
      see: given =>
        refusals(
          given,
          NO_TOKEN.map(character => `a${character}b`),
        ).length,
      expected: NO_TOKEN.length,
    },
    {
      claim: 'a name with a character beyond ASCII is refused, whatever its low byte is',
      see: given => refusals(given, ['\x80', '\xa0', '\xff', '\u0141', '\u2061', '\uff41', '\u{1f600}']).length,
      expected: 7,
    },
    {
      claim: 'the iterator is asked for once, and to its end',
      see: given => {
        const seen: string[] = []
        const iterable = {
          get [Symbol.iterator]() {
            seen.push('asked')
            return () => ({
              next: () => ({ done: seen.push('next') > 3, value: `p${seen.length}` }),
              return: () => seen.push('return'),
            })
          },
        }
        construct(given, `${given.url}/silent`, iterable)
        return seen
      },
      expected: ['asked', 'next', 'next', 'next'],
    },
    {
      claim: 'the iterator is not closed when a name cannot be converted',
      see: given => {
        const seen: string[] = []
        let count = 0
        const iterable = {
          [Symbol.iterator]: () => ({
            next: () => ({ done: ++count > 2, value: Symbol('p') }),
            return: () => seen.push('return'),
          }),
        }
        return [construct(given, `${given.url}/silent`, iterable), seen]
      },
      expected: ['TypeError', []],
    },
    {
      claim: 'a list that is changed afterwards is offered as it was',
      see: async ({ WebSocket, url }) => {
        const names = ['a', 'b']
        const socket = new WebSocket(`${url}/offers`, names)
        names.push('c')
        const { data } = await next<'message'>(socket, 'message')
        socket.close()
        return data
      },
      expected: 'a, b',
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
  ],
}
