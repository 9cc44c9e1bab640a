/** What send() takes, and what the server gets. */
import { type Claim, closed, echoes, messages, opened, type Section, said } from './kit.ts'

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
  [
    'a Date, as text',
    () =>
      new (class extends Date {
        override toString() {
          return 'now'
        }
      })(0),
    '81 6e6f77',
  ],
  [
    'an object that only calls itself ArrayBuffer',
    () => ({ [Symbol.toStringTag]: 'ArrayBuffer' }),
    '81 5b6f626a6563742041727261794275666665725d',
  ],
  ['an object that only calls itself Blob', () => Object.create(Blob.prototype), '81 5b6f626a65637420426c6f625d'],
  ['a URL', () => new URL('a:b'), '81 613a62'],
  ['a Blob with a type', () => new Blob(['x'], { type: 'text/plain' }), '82 78'],
  ['a File', () => new File(['x'], 'name'), '82 78'],
  ['a DataView of a buffer that was given away', () => detachedView(new DataView(new ArrayBuffer(2))), '82 '],
  ['125 bytes', () => new Uint8Array(125), `82 ${'00'.repeat(125)}`],
  ['126 bytes', () => new Uint8Array(126), `82 ${'00'.repeat(126)}`],
  ['an ArrayBuffer that was given away', () => detached(new ArrayBuffer(4)), '82 '],
  ['a view of an ArrayBuffer that was given away', () => detachedView(Uint8Array.of(1, 2)), '82 '],
]

function detached(buffer: ArrayBuffer): ArrayBuffer {
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

function detachedView(view: ArrayBufferView<ArrayBuffer>): ArrayBufferView {
  detached(view.buffer)
  return view
}

const sharedBuffer = (): SharedArrayBuffer =>
  new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer as unknown as SharedArrayBuffer

/** A buffer that can grow. */
const growing = (): ArrayBuffer => Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }])

export const sendSection: Section = {
  clause: 'WebSockets §3.1, send(); Web IDL §3.2.24',
  href: 'https://websockets.spec.whatwg.org/#dom-websocket-send',
  title: 'what send() takes',
  claims: [
    ...SENDS.map(
      ([name, given, expected]): Claim => ({
        claim: `${name} is sent as ${expected.length > 60 ? `a frame of ${expected.length / 2 - 1.5} bytes` : expected}`,
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
      claim: 'the error of send() while connecting is a DOMException with its old code',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        try {
          socket.send('')
          return 'fine'
        } catch (error) {
          return [error instanceof DOMException, (error as DOMException).name, (error as DOMException).code]
        } finally {
          socket.close()
        }
      },
      expected: [true, 'InvalidStateError', 11],
    },
    {
      claim: 'a buffer that can grow is not sent, nor a view of it',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const outcomes = [growing(), new Uint8Array(growing()), new DataView(growing(), 1, 2)].map(data =>
          said(() => socket.send(data as never)),
        )
        socket.close()
        return [outcomes, socket.bufferedAmount]
      },
      expected: [['TypeError', 'TypeError', 'TypeError'], 0],
    },
    {
      claim: 'what a conversion throws is thrown, and nothing is sent',
      see: all =>
        echoes(
          all,
          socket => {
            const fail = (): never => {
              throw new RangeError('mine')
            }
            const outcome = said(() => socket.send({ toString: fail } as never))
            socket.send(`${outcome} ${socket.bufferedAmount}`)
          },
          1,
        ),
      expected: ['RangeError 0'],
    },
    {
      claim: 'send() in the handler of the open event is early enough',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const message = messages(socket)
        socket.onopen = () => socket.send('first')
        const { data } = await message()
        socket.close()
        return data
      },
      expected: 'first',
    },
    {
      claim: 'send() on a closed socket throws only for what cannot be converted',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        socket.close()
        await closed(socket)
        const before = socket.bufferedAmount
        return [
          said(() => socket.send('x')),
          said(() => socket.send(Symbol('x') as never)),
          socket.bufferedAmount - before,
        ]
      },
      expected: ['fine', 'TypeError', 1],
    },
  ],
}
