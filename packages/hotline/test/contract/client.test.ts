/** Clients with a contract: over a socket that was opened, and over the WebSocket class. */
import { once } from 'node:events'
import * as msgpack from '@msgpack/msgpack'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openTyped, type SchemaError, WebSocket } from '../../src/client/index.ts'
import { contract, messagePack, typedWebSocket, type WebSocketLike } from '../../src/contract/index.ts'
import { prepare, type Server, type ServerSocket, serve, typedRoute } from '../../src/server/index.ts'
import { settle } from '../../src/testing/index.ts'

const counter = contract({
  client: z.object({ add: z.number() }),
  server: z.object({ sum: z.number() }),
  codecs: { 'counter.msgpack': messagePack(msgpack) },
})

/** The same on the wire, by a server that keeps to nothing. */
const lax = async (socket: ServerSocket): Promise<void> => {
  await socket.send(prepare('{"sum":"many"}'))
  await socket.closed
}

let server: Server
beforeAll(async () => {
  const sums = new WeakMap<object, number>()
  server = await serve({
    port: 0,
    routes: {
      '/counter': typedRoute(counter, {
        message: (socket, { add }) => {
          const sum = (sums.get(socket) ?? 0) + add
          sums.set(socket, sum)
          return socket.send({ sum })
        },
      }),
      '/lax': lax,
    },
  })
})
afterAll(() => server.close())

describe('openTyped', () => {
  test('speaks the contract by its codec, with the data of the route’s socket kept', async () => {
    await using socket = await openTyped(`${server.url}/counter`, counter)
    expect(socket.socket.protocol).toBe('counter.msgpack')
    await socket.send({ add: 2 })
    await socket.send({ add: 3 })
    const sums: number[] = []
    for await (const { sum } of socket) {
      sums.push(sum)
      if (sums.length === 2) break
    }
    expect(sums).toEqual([2, 5])
    expect([socket.state, socket.bufferedAmount, socket.signal.aborted]).toEqual(['open', 0, false])
  })

  test('closes with 1007 when the server does not keep to it, and the loop ends', async () => {
    const socket = await openTyped(`${server.url}/lax`, counter)
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ sent: { code: 1007, reason: expect.stringMatching(/^sum: /) } })
  })

  test('gives what does not fit to invalid, when it has one', async () => {
    const errors: SchemaError[] = []
    const socket = await openTyped(`${server.url}/lax`, counter, {
      invalid: (line, error) => {
        errors.push(error)
        return line.close(4999, 'enough')
      },
    })
    for await (const _ of socket) expect.unreachable()
    expect(errors).toHaveLength(1)
    expect(await socket.closed).toMatchObject({ sent: { code: 4999 } })
  })

  test('takes the options of openSocket, and refuses others', async () => {
    const wrong = { nonsense: 1 } as object
    await expect(openTyped(`${server.url}/counter`, counter, wrong)).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })
})

describe('the WebSocket class', () => {
  test('speaks the contract by its codec', async () => {
    const socket = new WebSocket(`${server.url}/counter`, counter.protocols)
    const sums: number[] = []
    const line = typedWebSocket(counter, socket, { message: ({ sum }) => sums.push(sum) })
    await once(socket, 'open')
    line.send({ add: 40 })
    line.send({ add: 2 })
    await vi.waitFor(() => expect(sums).toEqual([40, 42]))
    socket.close()
    await once(socket, 'close')
  })

  test('closes with 4400 when the server does not keep to it', async () => {
    const socket = new WebSocket(`${server.url}/lax`)
    const close = vi.spyOn(socket, 'close')
    const message = vi.fn()
    typedWebSocket(counter, socket, { message })
    await once(socket, 'close')
    expect(close).toHaveBeenCalledExactlyOnceWith(4400, expect.stringMatching(/^sum: /))
    expect(message).not.toHaveBeenCalled()
  })
})

/** A WebSocket that is told what comes. */
class Told implements WebSocketLike {
  readonly protocol = ''
  binaryType = 'blob'
  readonly sent: unknown[] = []
  readonly closes: unknown[] = []
  #listener: ((event: { data: unknown }) => void) | undefined
  send(data: unknown): void {
    this.sent.push(data)
  }
  close(...how: unknown[]): void {
    this.closes.push(how)
  }
  addEventListener(_type: 'message', listener: (event: { data: unknown }) => void): void {
    this.#listener = listener
  }
  say(data: unknown): void {
    this.#listener?.({ data })
  }
}

describe('a WebSocket whose validator takes time', () => {
  const waits: (() => void)[] = []
  const slow = contract({
    server: v.pipeAsync(
      v.string(),
      v.checkAsync(text =>
        text === 'slow' ? new Promise(resolve => waits.push(() => resolve(true))) : text !== 'bad',
      ),
    ),
  })

  test('keeps the order, and looks at nothing behind what does not fit', async () => {
    const socket = new Told()
    const got: string[] = []
    typedWebSocket(slow, socket, { message: text => got.push(text) })
    for (const text of ['slow', 'one', 'bad', 'two']) socket.say(JSON.stringify(text))
    await vi.waitFor(() => expect(waits).toHaveLength(1))
    expect(got).toEqual([])
    waits[0]?.()
    await vi.waitFor(() => expect(socket.closes).toHaveLength(1))
    expect(got).toEqual(['slow', 'one'])
  })

  test('gives what does not fit to invalid, and goes on', async () => {
    const socket = new Told()
    const got: string[] = []
    typedWebSocket(slow, socket, { message: text => got.push(text), invalid: ({ code }) => got.push(code) })
    for (const text of ['bad', 'one']) socket.say(JSON.stringify(text))
    await vi.waitFor(() => expect(got).toEqual(['ERR_SCHEMA', 'one']))
    expect(socket.closes).toEqual([])
    expect(socket.binaryType).toBe('arraybuffer')
  })

  test('has a handler that throws told, and goes on with what came behind', async () => {
    const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
    process.removeAllListeners('unhandledRejection')
    const thrown: unknown[] = []
    process.on('unhandledRejection', error => thrown.push(error))
    const socket = new Told()
    const got: string[] = []
    typedWebSocket(slow, socket, {
      message: text => {
        if (text === 'one') throw new Error('not mine')
        got.push(text)
      },
    })
    for (const text of ['one', 'two', 'three']) socket.say(JSON.stringify(text))
    await vi.waitFor(() => expect([got, thrown]).toEqual([['two', 'three'], [new Error('not mine')]]))
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
  })

  test('is told at once of what needs no time, also behind what did', async () => {
    const some = contract({ server: z.union([z.number(), z.string().refine(async () => true)]) })
    const socket = new Told()
    const got: unknown[] = []
    typedWebSocket(some, socket, { message: message => got.push(message) })
    socket.say('"takes time"')
    await vi.waitFor(() => expect(got).toEqual(['takes time']))
    await settle()
    socket.say('1')
    expect(got).toEqual(['takes time', 1])
  })
})
