/** What TypeScript knows of contracts. The claims are checked by the compiler; `npm run check` fails on a wrong one. */
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { type openTyped, WebSocket } from '../../src/client/index.ts'
import {
  type ClientMessage,
  contract,
  type FromClient,
  type FromServer,
  type ServerMessage,
  typedWebSocket,
} from '../../src/contract/index.ts'
import { type ServeOptions, typedRoute } from '../../src/server/index.ts'
import { arktype, valibot, zod } from './validators.ts'

/** For the compiler only: none of it is run. */
const typed = <D>(options: ServeOptions<D>): ServeOptions<D> => options
const unrun = (_work: () => unknown): void => {}

type Tags = { name: string }[]

describe('a discriminated union narrows in a handler', () => {
  test('of Zod', () => {
    typedRoute(zod, {
      message: (_, message) => {
        expectTypeOf(message.type).toEqualTypeOf<'say' | 'leave'>()
        if (message.type === 'say') expectTypeOf(message.text).toEqualTypeOf<string>()
        // @ts-expect-error who leaves says nothing
        else void message.text
      },
    })
  })

  test('of Valibot', () => {
    typedRoute(valibot, {
      message: (_, message) => {
        if (message.type === 'say') expectTypeOf(message.tags).toEqualTypeOf<Tags | undefined>()
        else expectTypeOf(message).toEqualTypeOf<{ type: 'leave' }>()
      },
    })
  })

  test('of ArkType', () => {
    typedRoute(arktype, {
      message: (_, message) => {
        if (message.type === 'say') expectTypeOf(message.text).toEqualTypeOf<string>()
        else expectTypeOf(message).toEqualTypeOf<{ type: 'leave' }>()
      },
    })
  })

  test('and in a loop', () => {
    typedRoute(zod, {
      run: async socket => {
        for await (const message of socket) {
          expectTypeOf(message.type).toEqualTypeOf<'say' | 'leave'>()
          if (message.type === 'say') expectTypeOf(message.text).toEqualTypeOf<string>()
        }
      },
    })
  })
})

describe('send takes what its side may say', () => {
  test('on a server', () => {
    typedRoute(valibot, {
      open: socket => {
        void socket.send({ type: 'said', by: 'Ada', text: 'hello' })
        // @ts-expect-error a server does not leave
        void socket.send({ type: 'leave' })
        // @ts-expect-error text is missing
        void socket.send({ type: 'said', by: 'Ada' })
        // @ts-expect-error a message is no text
        void socket.send('hello')
      },
    })
  })

  test('on a client, where what comes is narrowed too', () => {
    type Opened = Awaited<ReturnType<typeof openTyped<typeof zod>>>
    unrun(async (socket?: Opened) => {
      if (socket === undefined) return
      await socket.send({ type: 'leave' })
      // @ts-expect-error a client does not tell what was said
      await socket.send({ type: 'said', by: 'Ada', text: '' })
      for await (const message of socket) expectTypeOf(message).toEqualTypeOf<FromServer<typeof zod>>()
      expectTypeOf((await socket.closed).code).toEqualTypeOf<number>()
      expectTypeOf(socket.socket.url).toEqualTypeOf<string>()
    })
  })

  test('on the WebSocket class, ours and the browsers’', () => {
    unrun(() => {
      for (const socket of [new WebSocket('ws://localhost'), new globalThis.WebSocket('ws://localhost')]) {
        const line = typedWebSocket(zod, socket, {
          message: message => expectTypeOf(message.by).toEqualTypeOf<string>(),
        })
        line.send({ type: 'leave' })
        // @ts-expect-error a client does not tell what was said
        line.send({ type: 'said', by: 'Ada', text: '' })
      }
    })
  })

  test('and nothing where its side may say nothing', () => {
    const oneWay = contract({ server: z.string() })
    expectTypeOf<ClientMessage<typeof oneWay>>().toEqualTypeOf<never>()
    typedRoute(oneWay, { message: (_, message) => expectTypeOf(message).toEqualTypeOf<never>() })
  })
})

test('what goes over the wire and what arrives differ where a validator changes it', () => {
  const dated = contract({ client: z.object({ at: z.string().transform(text => new Date(text)) }) })
  expectTypeOf<ClientMessage<typeof dated>>().toEqualTypeOf<{ at: string }>()
  expectTypeOf<FromClient<typeof dated>>().toEqualTypeOf<{ at: Date }>()
  expectTypeOf<ServerMessage<typeof dated>>().toEqualTypeOf<never>()
})

test('a route has its parameters and its data', () => {
  typed({
    routes: {
      '/chat/:room': typedRoute(zod, {
        authorize: request => {
          expectTypeOf(request.params).toEqualTypeOf<{ readonly room: string }>()
          return { name: 'Ada' }
        },
        open: socket => {
          expectTypeOf(socket.params).toEqualTypeOf<{ readonly room: string }>()
          expectTypeOf(socket.data).toEqualTypeOf<{ name: string }>()
        },
        // @ts-expect-error there is no parameter `other`
        close: socket => socket.params.other,
      }),
    },
  })
})

test('a part that is no schema, and a handler that there is not, are refused', () => {
  unrun(() => {
    // @ts-expect-error a string is no schema
    contract({ client: 'string' })
    // @ts-expect-error the contract says the subprotocols
    typedRoute(zod, { protocols: ['chat'] })
    // @ts-expect-error there is no handler onmessage
    typedRoute(zod, { onmessage: () => {} })
  })
})
