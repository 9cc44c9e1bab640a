/** What TypeScript knows of routes. The claims are checked by the compiler; `npm run check` fails on a wrong one. */
import { describe, expectTypeOf, test } from 'vitest'
import {
  type Closed,
  type HandshakeRequest,
  type Message,
  type Params,
  type Route,
  refuse,
  route,
  type ServeOptions,
  type ServerSocket,
  serve,
} from '../../src/server/index.ts'

interface User {
  readonly name: string
}
const userOf = (request: HandshakeRequest): User | undefined =>
  request.headers.authorization ? { name: 'Ada' } : undefined

/** Options for the compiler only. */
const typed = <D>(options: ServeOptions<D>): ServeOptions<D> => options

describe('params', () => {
  test('are those that the pattern names', () => {
    expectTypeOf<Params<'/chat/:room'>>().toEqualTypeOf<{ readonly room: string }>()
    expectTypeOf<Params<'/:a/x/:b'>>().toEqualTypeOf<{ readonly a: string; readonly b: string }>()
    expectTypeOf<Params<'/files/*'>>().toEqualTypeOf<{ readonly '*': string }>()
    expectTypeOf<Params<'/echo'>>().toEqualTypeOf<{ readonly [name in never]: string }>()
    expectTypeOf<Params<string>>().toEqualTypeOf<Readonly<Record<string, string>>>()
  })

  test('are known in both forms of a route, and in every handler', () => {
    typed({
      routes: {
        '/a/:room': async socket => {
          expectTypeOf(socket.params).toEqualTypeOf<{ readonly room: string }>()
          expectTypeOf(socket.data).toEqualTypeOf<undefined>()
          for await (const message of socket) expectTypeOf(message).toEqualTypeOf<Message>()
        },
        '/b/:room': {
          open: socket => expectTypeOf(socket.params.room).toEqualTypeOf<string>(),
          message: (socket, message) => {
            expectTypeOf(socket.params.room).toEqualTypeOf<string>()
            expectTypeOf(message).toEqualTypeOf<Message>()
          },
          close: (socket, closed) => {
            expectTypeOf(socket.params.room).toEqualTypeOf<string>()
            expectTypeOf(closed).toEqualTypeOf<Closed>()
          },
        },
        '/c/:room': {
          authorize: request => {
            expectTypeOf(request.params).toEqualTypeOf<{ readonly room: string }>()
            return true
          },
        },
      },
    })
  })

  test('that the pattern does not name are not there', () => {
    typed({
      routes: {
        '/a/:room': async socket => {
          // @ts-expect-error there is no parameter `other`
          void socket.params.other
        },
      },
    })
  })
})

describe('data', () => {
  test('is what authorize returns, when route() joins the parts', () => {
    route({
      authorize: request => userOf(request) ?? refuse(401, 'sign in first'),
      open: socket => expectTypeOf(socket.data).toEqualTypeOf<User>(),
      message: socket => expectTypeOf(socket.data.name).toEqualTypeOf<string>(),
      close: socket => expectTypeOf(socket.data).toEqualTypeOf<User>(),
    })
  })

  test('is known in run too', () => {
    route({
      authorize: request => userOf(request),
      run: async socket => expectTypeOf(socket.data).toEqualTypeOf<User>(),
    })
  })

  test('is what a promise of authorize gives, without what says no', () => {
    route({
      authorize: async (request): Promise<User | undefined> => userOf(request),
      message: socket => expectTypeOf(socket.data).toEqualTypeOf<User>(),
    })
    route({
      authorize: (request): User | null | false => userOf(request) ?? null,
      message: socket => expectTypeOf(socket.data).toEqualTypeOf<User>(),
    })
  })

  test('is what a named function returns', () => {
    const authorize = (request: HandshakeRequest) => userOf(request)
    const message = (socket: ServerSocket<User>, text: Message): Promise<void> =>
      socket.send(`${socket.data.name}: ${text}`)
    typed({ routes: { '/': route({ authorize, message }), '/direct': { authorize, message } } })
  })

  test('is known in serve() when authorize stands in a route() of its own', () => {
    typed({
      routes: {
        '/chat/:room': route({
          authorize: request => userOf(request) ?? refuse(401),
          message: socket => {
            expectTypeOf(socket.data).toEqualTypeOf<User>()
          },
        }),
      },
    })
  })

  test('of another kind than the handler wants is refused', () => {
    const message = (socket: ServerSocket<{ readonly id: number }>): void => void socket.data.id
    // @ts-expect-error authorize gives a User, not a { id }
    route({ authorize: (request: HandshakeRequest) => userOf(request), message })
  })
})

describe('options', () => {
  test('that do not exist are refused', () => {
    // @ts-expect-error there is no option maxMesage
    typed({ routes: {}, maxMesage: 5 })
    // @ts-expect-error a port is a number
    typed({ routes: {}, port: '80' })
    // @ts-expect-error routes are needed
    typed({ port: 0 })
    // @ts-expect-error there is no handler onmessage
    typed({ routes: { '/': { onmessage: () => {} } } })
  })

  test('may come from a table that is put together elsewhere', () => {
    const routes: Record<string, Route> = { '/echo': async socket => void (await socket.closed) }
    typed({ routes })
    expectTypeOf(serve).toBeCallableWith({ routes })
  })
})
