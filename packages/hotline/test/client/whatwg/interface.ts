/** The interface object, its prototype and the instances, as Web IDL makes them of the definition. */
import { type Given, HANDLERS, messages, next, READ_ONLY, type Section, type Socket, said } from './kit.ts'

/** A socket that is not used for anything. */
function some({ WebSocket, url }: Given): InstanceType<Given['WebSocket']> {
  const socket = new WebSocket(`${url}/silent`)
  socket.close()
  return socket
}

export const interfaceSection: Section = {
  clause: 'WebSockets §3.1, Web IDL §3.7',
  href: 'https://websockets.spec.whatwg.org/#interface-definition',
  title: 'the interface',
  claims: [
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
          const { get, set, enumerable, configurable } =
            Object.getOwnPropertyDescriptor(WebSocket.prototype, name) ?? {}
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
      claim: 'the class extends EventTarget, and so does its prototype',
      see: ({ WebSocket }) => [
        Object.getPrototypeOf(WebSocket) === EventTarget,
        Object.getPrototypeOf(WebSocket.prototype) === EventTarget.prototype,
        WebSocket.prototype.constructor === WebSocket,
      ],
      expected: [true, true, true],
    },
    {
      claim: 'the class has its own names and no others',
      see: ({ WebSocket }) => Reflect.ownKeys(WebSocket).map(String).sort(),
      expected: ['length', 'name', 'prototype', 'CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].sort(),
    },
    {
      claim: 'the prototype of the class cannot be replaced, and its constructor is not enumerated',
      see: ({ WebSocket }) => {
        const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebSocket, 'prototype') ?? {}
        const made = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'constructor')
        return [writable, enumerable, configurable, made?.writable, made?.enumerable, made?.configurable]
      },
      expected: [false, false, false, true, false, true],
    },
    {
      claim: 'methods can be enumerated, written and redefined',
      see: ({ WebSocket: { prototype } }) =>
        ['send', 'close'].map(name => {
          const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
          return [writable, enumerable, configurable]
        }),
      expected: [
        [true, true, true],
        [true, true, true],
      ],
    },
    {
      claim: 'getters and setters are named after their attributes, and take no arguments and one',
      see: ({ WebSocket: { prototype } }) =>
        ['url', 'binaryType', 'onmessage'].map(name => {
          const { get, set } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
          return [get?.name, get?.length, set?.name, set?.length]
        }),
      expected: [
        ['get url', 0, undefined, undefined],
        ['get binaryType', 0, 'set binaryType', 1],
        ['get onmessage', 0, 'set onmessage', 1],
      ],
    },
    {
      claim: 'the string tag is the only symbol of the prototype, and can be redefined but not written',
      see: ({ WebSocket: { prototype } }) => {
        const symbols = Object.getOwnPropertySymbols(prototype)
        const { value, writable, enumerable, configurable } =
          Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag) ?? {}
        return [symbols.map(String), value, writable, enumerable, configurable, String(prototype)]
      },
      expected: [['Symbol(Symbol.toStringTag)'], 'WebSocket', false, false, true, '[object WebSocket]'],
    },
    {
      claim: 'the attributes of event handlers refuse another object as this',
      see: ({ WebSocket: { prototype } }) =>
        HANDLERS.map(name => {
          const { get, set } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
          return [said(() => get?.call({})), said(() => set?.call({}, null))]
        }),
      expected: HANDLERS.map(() => ['TypeError', 'TypeError']),
    },
    {
      claim: 'setting binaryType refuses another object as this',
      see: ({ WebSocket: { prototype } }) =>
        said(() => Object.getOwnPropertyDescriptor(prototype, 'binaryType')?.set?.call({}, 'blob')),
      expected: 'TypeError',
    },
    {
      claim: 'attributes cannot be read from the prototype itself',
      see: ({ WebSocket: { prototype } }) =>
        [...READ_ONLY, 'binaryType'].map(name => said(() => Reflect.get(prototype, name))),
      expected: [...READ_ONLY, 'binaryType'].map(() => 'TypeError'),
    },
    {
      claim: 'the prototype of an instance is that of new.target',
      see: ({ WebSocket, url }) => {
        class Other extends EventTarget {}
        const socket = Reflect.construct(WebSocket, [`${url}/silent`], Other)
        WebSocket.prototype.close.call(socket)
        return [
          Object.getPrototypeOf(socket) === Other.prototype,
          Reflect.get(WebSocket.prototype, 'readyState', socket),
        ]
      },
      expected: [true, 2],
    },
    {
      claim: 'a class that overrides what EventTarget has is not asked when events are fired or handlers set',
      see: async ({ WebSocket, url }) => {
        const seen: string[] = []
        class Nosy extends WebSocket {
          override dispatchEvent(event: Event): boolean {
            seen.push(event.type)
            return super.dispatchEvent(event)
          }
          override addEventListener(...given: Parameters<EventTarget['addEventListener']>): void {
            seen.push(given[0])
            super.addEventListener(...given)
          }
        }
        const socket = new Nosy(`${url}/echo`)
        await new Promise(resolve => {
          socket.onopen = resolve
        })
        socket.close()
        return seen
      },
      expected: [],
    },
    {
      claim: 'the prototype has the members of the definition and no others',
      see: ({ WebSocket: { prototype } }) => Object.getOwnPropertyNames(prototype).sort(),
      expected: [
        ...READ_ONLY,
        ...HANDLERS,
        'binaryType',
        'send',
        'close',
        'constructor',
        'CONNECTING',
        'OPEN',
        'CLOSING',
        'CLOSED',
      ].sort(),
    },
    {
      claim: 'close() and send() give back nothing',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        await next(socket, 'open')
        return [String(socket.send('x')), String(socket.close())]
      },
      expected: ['undefined', 'undefined'],
    },
    {
      claim: 'arguments beyond those of the definition are not looked at',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        await next(socket, 'open')
        const message = messages(socket)
        const outcome = said(() => (socket.send as (...given: unknown[]) => void)('x', Symbol('more')))
        await message()
        return [outcome, said(() => (socket.close as (...given: unknown[]) => void)(1000, '', Symbol('more')))]
      },
      expected: ['fine', 'fine'],
    },
    {
      claim: 'an instance can be given properties of its own',
      see: given => {
        const socket = Object.assign(some(given), { user: 'ann' })
        return [socket.user, Object.keys(socket)]
      },
      expected: ['ann', ['user']],
    },
  ],
}
