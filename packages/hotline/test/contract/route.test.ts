/** A route of a contract: what fits reaches its handlers, what does not closes the line and says where. */
import * as msgpack from '@msgpack/msgpack'
import * as v from 'valibot'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { contract, json, messagePack, type StandardSchema } from '../../src/contract/index.ts'
import { SchemaError, typedRoute } from '../../src/server/index.ts'
import { type MemoryOpenOptions, memoryServer, type Socket, settle } from '../../src/testing/index.ts'
import { validators } from './validators.ts'

const next = async (socket: Socket): Promise<unknown> => (await socket[Symbol.asyncIterator]().next()).value

/** A client of this route alone. */
async function clientOf(route: ReturnType<typeof typedRoute>, options: MemoryOpenOptions = {}): Promise<Socket> {
  return (await memoryServer({ routes: { '/': route } }).open('/', options)).client
}

describe.each(Object.entries(validators))('with %s', (_name, chat) => {
  const route = typedRoute(chat as (typeof validators)['zod'], {
    message: async (socket, message) => {
      if (message.type === 'say') await socket.send({ type: 'said', by: 'Ada', text: message.text })
      else await socket.close(1000, 'bye')
    },
  })

  test('a message that fits is answered', async () => {
    const client = await clientOf(route)
    await client.send('{"type":"say","text":"hello"}')
    expect(JSON.parse(String(await next(client)))).toEqual({ type: 'said', by: 'Ada', text: 'hello' })
    await client.send('{"type":"leave"}')
    expect(await client.closed).toMatchObject({ code: 1000, reason: 'bye' })
  })

  test.each([
    ['{"type":"say","text":5}', 'text'],
    ['{"type":"say"}', 'text'],
    ['{"type":"say","text":"","tags":[{"name":""},{"name":7}]}', 'tags[1].name'],
  ])('%s closes with 1007 and names %s', async (message, path) => {
    const client = await clientOf(route)
    await client.send(message)
    const { code, reason } = await client.closed
    expect(code).toBe(1007)
    expect(reason.startsWith(`${path}: `), reason).toBe(true)
  })

  test.each(['5', 'null', '[]', '{}', '"say"', '{"type":"shout"}'])(
    '%s, which is no message of it, closes with 1007',
    async message => {
      const client = await clientOf(route)
      await client.send(message)
      expect(await client.closed).toMatchObject({ code: 1007 })
    },
  )
})

const { zod: chat } = validators

describe('a message', () => {
  const handled = vi.fn()
  const route = typedRoute(chat, { message: (_, message) => handled(message) })

  test('that is no JSON closes with 1007, a binary one with 1003', async () => {
    const broken = await clientOf(route)
    await broken.send('{"type":')
    expect(await broken.closed).toMatchObject({ code: 1007, reason: 'the message is not JSON' })
    const binary = await clientOf(route)
    await binary.send(new Uint8Array([1]))
    expect(await binary.closed).toMatchObject({ code: 1003, reason: 'JSON comes in text messages, not in binary' })
  })

  test('behind one that did not fit is not looked at', async () => {
    handled.mockClear()
    const client = await clientOf(route)
    void client.send('{"type":"leave","n":1}')
    void client.send('{"type":"nonsense"}')
    void client.send('{"type":"leave","n":2}')
    await client.closed
    expect(handled.mock.calls).toEqual([[{ type: 'leave' }]])
  })

  test('behind one that a slow validator did not pass is not looked at either', async () => {
    const slow = v.pipeAsync(
      v.string(),
      v.checkAsync(async text => text !== 'bad'),
    )
    const got: string[] = []
    const client = await clientOf(typedRoute(contract({ client: slow }), { message: (_, text) => void got.push(text) }))
    for (const text of ['good', 'bad', 'behind']) void client.send(JSON.stringify(text))
    expect(await client.closed).toMatchObject({ code: 1007 })
    await settle()
    expect(got).toEqual(['good'])
  })

  test('where none is expected closes with 1007', async () => {
    const client = await clientOf(typedRoute(contract({ server: z.string() }), {}))
    await client.send('"hello"')
    expect(await client.closed).toMatchObject({ code: 1007, reason: 'no message is expected here' })
  })

  test('of a route without a message handler is checked all the same', async () => {
    const client = await clientOf(typedRoute(chat, {}))
    await client.send('{"type":"leave"}')
    await client.send('{"type":"nonsense"}')
    expect(await client.closed).toMatchObject({ code: 1007 })
  })

  test('that is nested too deeply for its validator closes with 1007, and is no failure of ours', async () => {
    type Tree = Tree[]
    const tree: z.ZodType<Tree> = z.lazy(() => z.array(tree))
    const report = vi.fn()
    const server = memoryServer({ report, routes: { '/': typedRoute(contract({ client: tree }), {}) } })
    const { client } = await server.open('/')
    await client.send('['.repeat(100_000) + ']'.repeat(100_000))
    expect(await client.closed).toMatchObject({ code: 1007 })
    expect(report).not.toHaveBeenCalled()
  })
})

describe('a reason', () => {
  /** Says this of everything. */
  const saying = (message: string, path: PropertyKey[] = []): StandardSchema => ({
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message, path }] }) },
  })

  test.each([
    ['is cut at 123 bytes', saying('x'.repeat(200)), 'x'.repeat(123)],
    ['is cut at the border of a character', saying('é'.repeat(100)), 'é'.repeat(61)],
    ['is cut at the border of a surrogate pair', saying(`xx${'😀'.repeat(100)}`), `xx${'😀'.repeat(30)}`],
    ['has no control characters', saying('a\nb\u0000c'), 'a b c'],
    ['names what a long path begins with', saying('is wrong', ['k'.repeat(5000)]), `${'k'.repeat(80)}…: is wrong`],
    ['writes a path as a program would', saying('no', ['a', 0, 'b', 12, Symbol('s')]), 'a[0].b[12].Symbol(s): no'],
  ])('%s', async (_claim, schema, reason) => {
    const client = await clientOf(typedRoute(contract({ client: schema }), {}))
    await client.send('1')
    expect(await client.closed).toMatchObject({ code: 1007, reason })
  })
})

describe('validators that take time', () => {
  test('keep the order of messages', async () => {
    const waits: (() => void)[] = []
    const check = (text: string): boolean | Promise<boolean> =>
      text !== 'slow' || new Promise(resolve => waits.push(() => resolve(true)))
    const slow = v.pipeAsync(v.string(), v.checkAsync(check))
    const got: string[] = []
    const client = await clientOf(typedRoute(contract({ client: slow }), { message: (_, text) => void got.push(text) }))
    await client.send('"slow"')
    await client.send('"quick"')
    await vi.waitFor(() => expect(waits).toHaveLength(1))
    expect(got).toEqual([])
    waits[0]?.()
    await vi.waitFor(() => expect(got).toEqual(['slow', 'quick']))
  })

  test('of Zod are asked again when they turn out to need time', async () => {
    const free = z.object({ name: z.string().refine(async name => name !== 'ada', 'this name is taken') })
    const client = await clientOf(typedRoute(contract({ client: free }), {}))
    await client.send('{"name":"grace"}')
    await client.send('{"name":"ada"}')
    expect(await client.closed).toMatchObject({ code: 1007, reason: 'name: this name is taken' })
  })

  test('refuse as the others do', async () => {
    const taken = v.pipeAsync(
      v.string(),
      v.checkAsync(async name => name !== 'ada', 'this name is taken'),
    )
    const client = await clientOf(typedRoute(contract({ client: v.objectAsync({ name: taken }) }), {}))
    await client.send('{"name":"ada"}')
    expect(await client.closed).toMatchObject({ code: 1007, reason: 'name: this name is taken' })
  })

  test('that fail are a failure of the application', async () => {
    const report = vi.fn()
    const check = async (): Promise<boolean> => Promise.reject(new Error('no database'))
    const broken = v.pipeAsync(v.string(), v.checkAsync(check))
    const server = memoryServer({ report, routes: { '/': typedRoute(contract({ client: broken }), {}) } })
    const { client } = await server.open('/')
    await client.send('"hello"')
    expect(await client.closed).toMatchObject({ code: 1011 })
    expect(report).toHaveBeenCalledOnce()
  })
})

describe('invalid', () => {
  test('is called in the place of the close, and the line goes on', async () => {
    const errors: SchemaError[] = []
    const got: unknown[] = []
    const route = typedRoute(chat, {
      message: (_, message) => void got.push(message),
      invalid: (socket, error) => {
        errors.push(error)
        return socket.send({ type: 'said', by: 'server', text: error.reason })
      },
    })
    const client = await clientOf(route)
    await client.send('{"type":"say","text":5}')
    expect(JSON.parse(String(await next(client)))).toMatchObject({ by: 'server', text: /^text: / })
    await client.send('{"type":"leave"}')
    await vi.waitFor(() => expect(got).toEqual([{ type: 'leave' }]))
    expect(errors[0]).toBeInstanceOf(SchemaError)
    expect(errors[0]).toMatchObject({ code: 'ERR_SCHEMA', closeCode: 1007, path: 'text' })
  })
})

describe('a function over the socket', () => {
  test('reads what fits, and ends with the line at what does not', async () => {
    const got: unknown[] = []
    let ended = false
    const route = typedRoute(chat, {
      run: async socket => {
        await settle() // all three messages wait by now
        for await (const message of socket) got.push(message.type)
        ended = true
      },
    })
    const client = await clientOf(route)
    for (const type of ['leave', 'nonsense', 'leave']) void client.send(JSON.stringify({ type }))
    expect(await client.closed).toMatchObject({ code: 1007 })
    await vi.waitFor(() => expect(ended).toBe(true))
    expect(got).toEqual(['leave'])
  })
})

describe('codecs', () => {
  const both = contract({
    client: z.object({ at: z.number(), bytes: z.instanceof(Uint8Array).optional() }),
    server: z.object({ at: z.number() }),
    codecs: { 'chat.msgpack': messagePack(msgpack), 'chat.json': json },
  })
  const route = typedRoute(both, { message: (socket, { at }) => socket.send({ at: at + 1 }) })

  test('are chosen by the subprotocol', async () => {
    const packed = await clientOf(route, { protocols: both.protocols })
    expect(packed.protocol).toBe('chat.msgpack')
    await packed.send(msgpack.encode({ at: 1, bytes: new Uint8Array([1, 2]) }))
    expect(msgpack.decode((await next(packed)) as Uint8Array)).toEqual({ at: 2 })
    const text = await clientOf(route, { protocols: ['chat.json'] })
    await text.send('{"at":1}')
    expect(await next(text)).toBe('{"at":2}')
  })

  test('are JSON on a line without a subprotocol', async () => {
    const client = await clientOf(route)
    expect(client.protocol).toBe('')
    await client.send('{"at":1}')
    expect(await next(client)).toBe('{"at":2}')
  })

  test.each([
    ['text', 'hello', 1003],
    ['cut off', new Uint8Array([0x81, 0xa2, 0x61]), 1007],
    ['an array that says it has 4 billion elements', new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]), 1007],
    ['a record that is not defined', new Uint8Array([0xd4, 0x72, 0x40]), 1007],
    ['nested too deeply', new Uint8Array(200_000).fill(0x91), 1007],
  ])('of MessagePack close the line for what is %s', async (_what, data, code) => {
    const client = await clientOf(route, { protocols: ['chat.msgpack'] })
    await client.send(data)
    expect(await client.closed).toMatchObject({ code })
  })
})

test.each([
  ['nonsense', { nonsense: 1 }],
  ['client', { client: {} }],
  ['server', { server: 'string' }],
  ['codecs', { codecs: { 'a b': json } }],
  ['codecs', { codecs: { a: {} } }],
])('a contract whose part %s is wrong is refused by name', (option, parts) => {
  expect(() => contract(parts as never)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', option }))
})

test('a message that cannot be written is refused where it is sent', async () => {
  const route = typedRoute(contract({ server: z.any() }), {
    open: async socket => {
      const round: { self?: unknown } = {}
      round.self = round
      const failures = [round, undefined, 5n].map(value => {
        try {
          return socket.send(value)
        } catch (error) {
          return (error as Error).name
        }
      })
      await socket.send(failures)
    },
  })
  expect(await next(await clientOf(route))).toBe('["UsageError","UsageError","UsageError"]')
  expect(() => messagePack({} as never)).toThrow('encode and decode')
})
