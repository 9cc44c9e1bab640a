/** The arguments of close(). */
import { type Claim, closed, closing, opened, type Section, said } from './kit.ts'

const CUTS = 'Web IDL rounds to the nearest number ([Clamp]); Chromium cuts the fraction off'
const TWO_DEFAULTS =
  'an argument that is undefined is not present (Web IDL); Chromium takes the code for 0 when a reason follows'

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
  [[1000n], 'TypeError'],
  [['0x3e8'], 'fine'],
  [[' 1000\n'], 'fine'],
  [[''], 'InvalidAccessError'],
  [[{ toString: () => '1000', valueOf: () => 'x' }], 'InvalidAccessError'],
  [[[1000, 1]], 'InvalidAccessError'],
  [[1000.4999], 'fine'],
  [[4999.4], 'fine'],
  [[Number.NEGATIVE_INFINITY], 'InvalidAccessError'],
  [[2 ** 53], 'InvalidAccessError'],
  [[1002], 'InvalidAccessError'],
  [[1006], 'InvalidAccessError'],
  [[1015], 'InvalidAccessError'],
  [[1000, undefined], 'fine'],
  [[1000, null], 'fine'],
  [[1000, 7], 'fine'],
  [[1000, {}], 'fine'],
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

/** How long a long reason is. */
const unitsOf = (reason: unknown): string =>
  typeof reason === 'string' && reason.length > 20 ? ` of ${reason.length} units` : ''

export const closeArgumentsSection: Section = {
  clause: 'WebSockets §3.1, close() steps 1 and 2; Web IDL §3.3',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-close',
  title: 'the arguments of close()',
  claims: [
    ...CLOSES.map(
      ([given, expected, chromium]): Claim => ({
        claim: `close(${show(given)})${unitsOf(given[1])} while connecting gives ${expected}`,
        see: all => closing(all, given),
        expected,
        ...(chromium === undefined
          ? {}
          : { chromium: { expected: chromium, why: given.length > 1 ? TWO_DEFAULTS : CUTS } }),
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
          ? { chromium: { expected: 'InvalidAccessError', why: TWO_DEFAULTS } }
          : {}),
      }),
    ),

    {
      claim: 'the errors of close() are DOMExceptions with their old codes',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const errors = [[999], [1000, 'a'.repeat(124)]].map(given => {
          try {
            return socket.close(...(given as [number]))
          } catch (error) {
            return [error instanceof DOMException, (error as DOMException).code]
          }
        })
        socket.close()
        return errors
      },
      expected: [
        [true, 15],
        [true, 12],
      ],
    },
    {
      claim: 'a close() that throws changes nothing',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const outcomes = [said(() => socket.close(999)), said(() => socket.close(1000, 'a'.repeat(124)))]
        const { readyState } = socket
        socket.close(4000, 'really')
        const { code, reason } = await closed(socket)
        return [outcomes, readyState, code, reason]
      },
      expected: [['InvalidAccessError', 'SyntaxError'], 1, 4000, 'really'],
    },
    {
      claim: 'the code is converted before the reason, and both before either is judged',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        const code = { valueOf: () => seen.push('code') }
        const reason = { toString: () => `${seen.push('reason')}` }
        const outcome = said(() => socket.close(code as never, reason as never))
        socket.close()
        return [outcome, seen]
      },
      expected: ['InvalidAccessError', ['code', 'reason']],
    },
    {
      claim: 'what the conversion of an argument throws is thrown, and changes nothing',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const fail = (): never => {
          throw new RangeError('mine')
        }
        const outcomes = [
          said(() => socket.close({ valueOf: fail } as never)),
          said(() => socket.close(1000, { toString: fail } as never)),
          socket.readyState,
        ]
        socket.close()
        return outcomes
      },
      expected: ['RangeError', 'RangeError', 0],
    },
  ],
}
