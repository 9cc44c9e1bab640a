/** The CloseEvent interface. */
import { type Given, next, type Section, said } from './kit.ts'

/** The class, as it comes with an event. */
async function closeEvent({ WebSocket, url }: Given): Promise<new (...given: unknown[]) => CloseEvent> {
  const event = (await next<'close'>(new WebSocket(`${url}/refused`), 'close')) as CloseEvent
  return event.constructor as new () => CloseEvent
}

/** What is given as a field of CloseEventInit, and what comes of it. */
const CODES: readonly (readonly [given: unknown, code: number | string])[] = [
  [0, 0],
  [65_535, 65_535],
  [65_536, 0],
  [-1, 65_535],
  [1.9, 1],
  [-0.5, 0],
  ['12', 12],
  ['x', 0],
  [null, 0],
  [true, 1],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, 0],
  [2 ** 32 + 5, 5],
  [2 ** 53, 0],
  [{ valueOf: () => 7 }, 7],
  [7n, 'TypeError'],
  [Symbol('x'), 'TypeError'],
]

export const closeEventSection: Section = {
  clause: 'WebSockets §6, CloseEvent; Web IDL §3.2',
  href: 'https://websockets.spec.whatwg.org/#the-closeevent-interface',
  title: 'CloseEvent',
  claims: [
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
      claim: 'the class extends Event, takes one argument or two, and needs new',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        return [
          CloseEvent.name,
          CloseEvent.length,
          Object.getPrototypeOf(CloseEvent) === Event,
          String(CloseEvent.prototype),
          said(() => (CloseEvent as unknown as (type: string) => void)('x')),
        ]
      },
      expected: ['CloseEvent', 1, true, '[object CloseEvent]', 'TypeError'],
    },
    {
      claim: 'its fields are accessors of the prototype that can be enumerated, and refuse another object as this',
      see: async given => {
        const { prototype } = await closeEvent(given)
        return ['wasClean', 'code', 'reason'].map(name => {
          const { get, set, enumerable } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
          return [typeof get, typeof set, enumerable, said(() => get?.call({}))]
        })
      },
      expected: [1, 2, 3].map(() => ['function', 'undefined', true, 'TypeError']),
    },
    {
      claim: 'the code is taken modulo 65536, without its fraction',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        return CODES.map(([code]) => {
          try {
            return new CloseEvent('close', { code }).code
          } catch (error) {
            return (error as Error).name
          }
        })
      },
      expected: CODES.map(([, code]) => code),
    },
    {
      claim: 'an unpaired surrogate in the reason is replaced',
      see: async given => new (await closeEvent(given))('close', { reason: 'a\ud800b' }).reason,
      expected: 'a\ufffdb',
      chromium: { expected: 'a\ud800b', why: 'a USVString has none (Web IDL §3.2.12); Chromium leaves it' },
    },
    {
      claim: 'wasClean is what is true',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        return [1, 'false', {}, 0, '', null].map(wasClean => new CloseEvent('close', { wasClean }).wasClean)
      },
      expected: [true, true, true, false, false, false],
    },
    {
      claim: 'it takes the fields of an Event too, which are false without them',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        const show = ({ bubbles, cancelable, composed, isTrusted }: Event): unknown[] => [
          bubbles,
          cancelable,
          composed,
          isTrusted,
        ]
        return [
          show(new CloseEvent('close')),
          show(new CloseEvent('close', { bubbles: true, cancelable: 1, composed: 'x' })),
        ]
      },
      expected: [
        [false, false, false, false],
        [true, true, true, false],
      ],
    },
    {
      claim: 'the fields may be null, undefined or an object of any kind, and nothing else',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        return [null, undefined, {}, [], () => {}, 7, 'x', true, Symbol('x')].map(init =>
          said(() => new CloseEvent('close', init)),
        )
      },
      expected: ['fine', 'fine', 'fine', 'fine', 'fine', 'TypeError', 'TypeError', 'TypeError', 'TypeError'],
      hotline: {
        expected: ['fine', 'fine', 'fine', ...Array.from({ length: 6 }, () => 'TypeError')],
        why: "Node's Event takes no lists and functions",
      },
    },
    {
      claim: 'the type is converted to a string',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        return [null, undefined, 7, '']
          .map(type => new CloseEvent(type).type)
          .concat(said(() => new CloseEvent(Symbol('x'))) as string)
      },
      expected: ['null', 'undefined', '7', '', 'TypeError'],
    },
    {
      claim: 'the fields are read once each: those of Event first, each group by the alphabet',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        const seen: string[] = []
        const names = ['wasClean', 'reason', 'composed', 'code', 'cancelable', 'bubbles']
        const init = Object.defineProperties(
          {},
          Object.fromEntries(names.map(name => [name, { get: () => void seen.push(name) }])),
        )
        new CloseEvent('close', init)
        return seen
      },
      expected: ['bubbles', 'cancelable', 'composed', 'code', 'reason', 'wasClean'],
    },
    {
      claim: 'it can be dispatched at any target, and extended',
      see: async given => {
        const CloseEvent = await closeEvent(given)
        class Goodbye extends CloseEvent {
          get polite(): boolean {
            return this.code === 1000
          }
        }
        const target = new EventTarget()
        const seen: unknown[] = []
        target.addEventListener('close', event => seen.push((event as Goodbye).polite, event instanceof CloseEvent))
        target.dispatchEvent(new Goodbye('close', { code: 1000 }))
        return seen
      },
      expected: [true, true],
    },
  ],
}
