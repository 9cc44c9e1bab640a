/** A server in memory answers as one on a network does: routes, authorize, origin, subprotocols, limits, the end. */
import { describe, expect, test, vi } from 'vitest'
import { refuse, route, type ServerSocket } from '../../src/server/index.ts'
import { memoryServer, type Socket, settle } from '../../src/testing/index.ts'

const next = async (socket: Socket): Promise<unknown> => (await socket[Symbol.asyncIterator]().next()).value

const echo = { message: (socket: ServerSocket, message: string | Uint8Array) => socket.send(message) }

describe('a line', () => {
  test('has the parameters, the query, the headers and the data of its request', async () => {
    await using server = memoryServer({
      routes: {
        '/chat/:room': route({
          authorize: request => ({ name: request.headers.cookie, raw: request.raw.headers.cookie }),
        }),
      },
    })
    const options = { headers: { Cookie: 'ada' }, remoteAddress: '192.0.2.7' }
    const { server: socket } = await server.open('/chat/the%20lobby?since=5', options)
    expect(socket.params).toEqual({ room: 'the lobby' })
    expect(socket.data).toEqual({ name: 'ada', raw: 'ada' })
    expect(socket.request.url.searchParams.get('since')).toBe('5')
    expect(socket.remoteAddress).toBe('192.0.2.7')
  })

  test('carries messages both ways, and several clients meet in one route', async () => {
    const members = new Set<ServerSocket>()
    await using server = memoryServer({
      routes: {
        '/chat': {
          open: socket => void members.add(socket),
          message: (_, message) => Promise.all([...members].map(member => member.send(message))),
        },
      },
    })
    const [ada, grace] = await Promise.all([server.open('/chat'), server.open('/chat')])
    expect(ada.server).not.toBe(grace.server)
    await ada.client.send('hello')
    expect([await next(ada.client), await next(grace.client)]).toEqual(['hello', 'hello'])
    expect(server.sockets.size).toBe(2)
  })

  test('agrees on the subprotocol that the route prefers', async () => {
    await using server = memoryServer({ protocols: ['two', 'one'], routes: { '/': echo } })
    const { client, server: socket } = await server.open('/', { protocols: ['one', 'two'] })
    expect([client.protocol, socket.protocol]).toEqual(['two', 'two'])
  })

  test('with faults has them', async () => {
    await using server = memoryServer({ routes: { '/': echo } })
    const { client } = await server.open('/', { faults: { server: { cutAt: 0 } } })
    await client.send('hello')
    expect(await client.closed).toMatchObject({ code: 1006 })
  })
})

describe('a request', () => {
  test('that authorize refuses is rejected with its status and reason', async () => {
    await using server = memoryServer({ routes: { '/': { authorize: () => refuse(401, 'sign in first') } } })
    await expect(server.open('/')).rejects.toMatchObject({ status: 401, body: 'sign in first\n' })
  })

  test('that is refused by a close opens, and is closed with 4000 and the status', async () => {
    await using server = memoryServer({
      routes: { '/': { refuseBy: 'close', authorize: () => refuse(403, 'not you') } },
    })
    const line = await server.open('/')
    expect(await line.client.closed).toMatchObject({ code: 4403, reason: 'not you' })
    expect(() => line.server).toThrow('refused by a close')
  })

  test('for no route is rejected with 404, from another site with 403', async () => {
    await using server = memoryServer({ routes: { '/': echo } })
    await expect(server.open('/nothing')).rejects.toMatchObject({ status: 404 })
    await expect(server.open('/', { origin: 'https://evil.example' })).rejects.toMatchObject({ status: 403 })
    await expect(server.open('nothing')).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('that takes authorize too long is rejected with 503, on the clock of the test', async () => {
    await using server = memoryServer({ routes: { '/': { authorize: () => new Promise(() => {}) } } })
    const answer = expect(server.open('/')).rejects.toMatchObject({ status: 503 })
    await server.clock.advance(10_000)
    await answer
  })

  test('whose client goes away aborts the signal of authorize', async () => {
    let gone = false
    await using server = memoryServer({
      routes: {
        '/': {
          authorize: ({ signal }) =>
            new Promise<true>(resolve =>
              signal.addEventListener('abort', () => {
                gone = true
                resolve(true)
              }),
            ),
        },
      },
    })
    const leaving = new AbortController()
    const opening = server.open('/', { signal: leaving.signal })
    leaving.abort()
    await expect(opening).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    await settle()
    expect(gone).toBe(true)
    expect(server.sockets.size).toBe(0)
  })
})

test('a peer that answers no ping is cut off on the clock of the test', async () => {
  await using server = memoryServer({ heartbeat: { interval: 25_000, timeout: 20_000 }, routes: { '/': echo } })
  const { server: socket, wires } = await server.open('/', { limits: { heartbeat: false } })
  wires[0].pause()
  await server.clock.advance(45_000)
  expect(await socket.closed).toMatchObject({ clean: false, error: { code: 'ERR_TIMEOUT' } })
})

test('an error of a handler is reported, and closes with 1011', async () => {
  const report = vi.fn()
  await using server = memoryServer({
    report,
    routes: {
      '/': {
        message: () => {
          throw new Error('mine')
        },
      },
    },
  })
  const { client } = await server.open('/')
  await client.send('hello')
  expect(await client.closed).toMatchObject({ code: 1011 })
  expect(report).toHaveBeenCalledOnce()
})

test('a server that closes says 1001, and leaves no timer', async () => {
  const server = memoryServer({ routes: { '/': echo } })
  const { client } = await server.open('/')
  expect(await server.close()).toMatchObject({ closed: 1, terminated: 0 })
  expect(await client.closed).toMatchObject({ code: 1001 })
  await expect(server.open('/')).rejects.toMatchObject({ status: 503 })
  expect(server.clock.pending).toBe(0)
})
