// RFC 7692: lines that compress, in memory, with every set of parameters and both ways to zlib.
import { randomBytes } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Compression } from '../../src/connection/compression.ts'
import { ContextBudget } from '../../src/connection/contexts.ts'
import type { DeflateEngine } from '../../src/connection/deflate-engine.ts'
import { DEFLATE_RULES, type DeflateOptions } from '../../src/connection/deflate-options.ts'
import type { Message } from '../../src/connection/inbox.ts'
import { CLIENT_LIMITS, SERVER_LIMITS } from '../../src/connection/limits.ts'
import { resolve } from '../../src/connection/options.ts'
import { Prepared } from '../../src/connection/prepared.ts'
import { Session } from '../../src/connection/session.ts'
import { Socket } from '../../src/connection/socket.ts'
import type { DeflateParams } from '../../src/protocol/deflate.ts'
import type { Role } from '../../src/protocol/opcode.ts'
import { portableCodec } from '../../src/protocol/text.ts'
import { FakeClock, settle } from '../../src/runtime/memory/clock.ts'
import { memoryRuntime } from '../../src/runtime/memory/sockets.ts'
import { transportPair } from '../../src/runtime/memory/transport.ts'
import { publicDeflate } from '../../src/runtime/node/zlib.ts'
import { nodeDeflate } from '../../src/runtime/node/zlib-handles.ts'
import { frame, join, masked, utf8 } from '../protocol/support.ts'

const ENGINES = { handles: nodeDeflate(), public: publicDeflate }

const FREE: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}
const MIB = 1_048_576

interface PairOptions {
  readonly params?: Partial<DeflateParams>
  readonly settings?: DeflateOptions
  readonly server?: DeflateEngine
  readonly client?: DeflateEngine
  readonly budget?: number
}

/** Both ends of a line that has agreed on compression, its clock, and what of the budget of each is used. */
function pair({ params = {}, settings = {}, budget = 16 * MIB, ...engines }: PairOptions = {}) {
  const clock = new FakeClock()
  const runtime = memoryRuntime(clock)
  const wires = transportPair()
  const agreed = { ...FREE, ...params }
  const end = (role: Role, index: 0 | 1) => {
    const contexts = new ContextBudget(budget, clock)
    const limits = resolve({ heartbeat: false as const }, role === 'server' ? SERVER_LIMITS : CLIENT_LIMITS)
    const all = resolve({ threshold: 0, ...agreed, ...settings }, DEFLATE_RULES)
    const terms = { engine: engines[role] ?? ENGINES.handles, settings: all, maxMessage: MIB, budget: contexts }
    const compression = new Compression(terms, role, agreed)
    const session = new Session({ role, transport: wires[index], runtime, limits, compression }, error => {
      throw error
    })
    session.connection.start(new Uint8Array(0))
    return { session, socket: new Socket(session, { protocol: '', extensions: [] }), contexts, wire: wires[index] }
  }
  const [client, server] = [end('client', 0), end('server', 1)]
  return { client, server, clock }
}

const prepared = (data: string | Uint8Array): Prepared => new Prepared(data, portableCodec)

/** So many messages of a socket. */
async function read(socket: Socket, count: number): Promise<Message[]> {
  const messages = socket[Symbol.asyncIterator]()
  const all: Message[] = []
  while (all.length < count) all.push((await messages.next()).value as Message)
  return all
}

const json = (rows: number, offset = 0): string =>
  JSON.stringify(Array.from({ length: rows }, (_, id) => ({ id: id + offset, price: Math.sin(id + offset) })))

test('many small messages of one chunk are inflated in turns, so that others have theirs', async () => {
  const { client, server } = pair()
  const seen: unknown[] = []
  let most = 0
  let turn = 0
  server.session.deliverTo(message => {
    seen.push(message)
    if (++turn === 1) queueMicrotask(() => (turn = 0))
    most = Math.max(most, turn)
  }, undefined)
  const texts = Array.from({ length: 100 }, (_, number) => json(2, number))
  for (const text of texts) client.socket.send(text)
  for (let round = 0; round < 10; round++) await settle()
  expect(seen).toEqual(texts)
  expect(most).toBeLessThanOrEqual(32)
})

describe('whatever is sent arrives, in order', () => {
  const content = fc.oneof(
    fc.integer({ min: 0, max: 60 }).map(rows => json(rows)),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.uint8Array({ maxLength: 2000 }),
    fc.integer({ min: 0, max: 3000 }).map(size => new Uint8Array(randomBytes(size))),
    fc.constantFrom(json(900), json(2500), new Uint8Array(100_000), new Uint8Array(randomBytes(40_000))),
  )
  const form = fc.constantFrom('plain', 'plain', 'plain', 'prepared', 'not compressed', 'parts', 'ping')
  const params = fc.record({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: fc.integer({ min: 8, max: 15 }),
    clientMaxWindowBits: fc.integer({ min: 8, max: 15 }),
  })
  const engine = fc.constantFrom('handles' as const, 'public' as const)
  const steps = fc.array(fc.tuple(fc.constantFrom('server' as const, 'client' as const), form, content), {
    maxLength: 12,
  })

  test('in both directions, with any parameters, in any form, whichever way it goes to zlib', async () => {
    await fc.assert(
      fc.asyncProperty(
        params,
        engine,
        engine,
        fc.constantFrom(0, 16 * MIB),
        steps,
        async (agreed, s, c, budget, all) => {
          const both = pair({ params: agreed, server: ENGINES[s], client: ENGINES[c], budget })
          const sent: Record<Role, Message[]> = { server: [], client: [] }
          for (const [role, how, data] of all) {
            const { socket } = both[role]
            if (how === 'ping') {
              socket.ping().catch(() => {})
              continue
            }
            if (how === 'prepared' && role === 'server') socket.send(prepared(data))
            else if (how === 'parts') socket.send(typeof data === 'string' ? [data, data] : [data, data])
            else socket.send(data, { compress: how !== 'not compressed' })
            if (how !== 'parts') sent[role].push(data)
            else sent[role].push(typeof data === 'string' ? data + data : Uint8Array.from([...data, ...data]))
          }
          const got = await Promise.all([
            read(both.client.socket, sent.server.length),
            read(both.server.socket, sent.client.length),
          ])
          expect(got.flat().map(textOrBytes)).toEqual([...sent.server, ...sent.client].map(textOrBytes))
          both.client.wire.destroy()
          await both.client.socket.closed
          await both.server.socket.closed
          expect([both.client.contexts.used, both.server.contexts.used]).toEqual([0, 0])
          expect(both.clock.pending).toBe(0)
        },
      ),
      { numRuns: 150 },
    )
  })

  const textOrBytes = (data: Message): string =>
    typeof data === 'string' ? `text ${data}` : `bytes ${Buffer.from(data).toString('base64')}`
})

test('who awaits each large message is never refused, though a thread compresses them', async () => {
  const both = pair()
  const reading = read(both.client.socket, 6)
  const large = json(40_000).slice(0, MIB - 100)
  for (let count = 0; count < 6; count++) await both.server.socket.send(large)
  expect(new Set(await reading)).toEqual(new Set([large]))
})

test('what came behind a message that a thread still inflates is lost with it when the line is', async () => {
  let release = (): void => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const slow: DeflateEngine = {
    ...ENGINES.public,
    async inflateLater(data, form, limit) {
      await held
      return ENGINES.public.inflateLater(data, form, limit)
    },
  }
  const both = pair({ server: slow })
  const got: Message[] = []
  both.server.session.deliverTo(message => got.push(message), undefined)
  await both.client.socket.send('before')
  // Small enough to be compressed at once, too large to be inflated at once; both leave in one piece.
  both.client.socket.send(new Uint8Array(randomBytes(30_000).map(byte => byte & 0x3f)))
  both.client.socket.send('behind')
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
  both.client.wire.destroy()
  await both.server.socket.closed
  release()
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
  expect(got).toEqual(['before'])
})

/** What a client sends in one chunk: more frames than are read in a turn, a text that only a thread inflates, one behind it. */
function manyThenLarge() {
  const texts = [...Array.from({ length: 3000 }, (_, number) => String(number)), randomBytes(20_000).toString('hex')]
  const payloads = texts.map(utf8)
  const large = deflateRawSync(payloads.pop() as Uint8Array, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  const frames = [...payloads.map(text => frame(0x81, text)), frame(0xc1, large), frame(0x81, utf8('behind'))]
  return { texts: [...texts, 'behind'], bytes: join([...frames, frame(0x88, Uint8Array.of(15, 160))].map(masked)) }
}

/** As a thread inflates, but done in the next promise reaction. */
const AT_ONCE: DeflateEngine = {
  ...ENGINES.public,
  inflateLater: async (...given) => ENGINES.public.inflate(...given),
}

test('what a thread has to inflate is handed over when the peer ends the wire while it waits for its turn', async () => {
  const { server } = pair({ server: AT_ONCE })
  const got: Message[] = []
  server.session.deliverTo(message => got.push(message), undefined)
  const { texts, bytes } = manyThenLarge()
  server.session.connection.data(bytes, 0, bytes.length)
  expect(got.length).toBeLessThan(3000)
  // TLS tells of the end although reading is paused, when it came with the last bytes.
  server.session.connection.ended()
  await settle()
  expect(got.length).toBe(texts.length)
  expect(got).toEqual(texts)
  server.wire.destroy()
  expect(await server.socket.closed).toMatchObject({ code: 4000, clean: true })
})

test('an end of the wire that comes while a thread inflates is looked at once it has', async () => {
  const { server } = pair({ server: AT_ONCE })
  const got: Message[] = []
  server.session.deliverTo(message => got.push(message), undefined)
  const large = deflateRawSync(randomBytes(20_000).toString('hex'), { finishFlush: constants.Z_SYNC_FLUSH })
  const bytes = masked(frame(0xc1, large.subarray(0, -4)))
  server.session.connection.data(bytes, 0, bytes.length)
  server.session.connection.ended()
  expect(server.socket.state).toBe('open')
  await settle()
  expect(got).toHaveLength(1)
  expect(server.socket.state).not.toBe('open')
})

test('what waits for its turn is handed over when the line is lost, compressed or not', async () => {
  const { server } = pair()
  const got: unknown[] = []
  server.session.deliverTo(message => got.push(message), undefined)
  const texts = [...Array.from({ length: 3000 }, (_, number) => String(number)), 'small', 'behind']
  const small = deflateRawSync('small', { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  const frames = texts.map(text => (text === 'small' ? frame(0xc1, small) : frame(0x81, utf8(text))))
  const bytes = join(frames.map(masked))
  server.session.connection.data(bytes, 0, bytes.length)
  expect(got.length).toBeLessThan(3000)
  server.session.connection.closed()
  expect(got).toEqual(texts)
})

test('nothing is handed over after the end, though a thread may still inflate what was cut off', async () => {
  const { server } = pair({ server: AT_ONCE })
  const got: unknown[] = []
  server.session.deliverTo(message => got.push(message), undefined)
  const { bytes } = manyThenLarge()
  server.session.connection.data(bytes, 0, bytes.length)
  server.session.connection.closed()
  expect(got).toHaveLength(3000)
  await settle()
  expect(got).toHaveLength(3000)
})

/** An engine that writes down what it was asked for. */
function counting(engine: DeflateEngine = ENGINES.handles) {
  const calls: [name: string, size: number][] = []
  const counted: DeflateEngine = {
    ...engine,
    deflate(data, form) {
      calls.push(['deflate', data.length])
      return engine.deflate(data, form)
    },
    deflateLater(data, form) {
      calls.push(['deflateLater', data.length])
      return engine.deflateLater(data, form)
    },
  }
  return { calls, counted }
}

describe('a prepared message', () => {
  const large = json(3000)
  const quiet = { serverNoContextTakeover: true, clientNoContextTakeover: true }

  test('that is large is compressed once, by a thread, however many wait for it, and in its turn for each', async () => {
    const { calls, counted } = counting()
    const lines = Array.from({ length: 30 }, () => pair({ server: counted, params: quiet }))
    const news = prepared(large)
    for (const { server } of lines) {
      server.socket.send('before')
      server.socket.send(news)
      server.socket.send('behind')
      server.socket.send(news)
    }
    for (const { client } of lines) expect(await read(client.socket, 4)).toEqual(['before', large, 'behind', large])
    expect(calls.filter(([, size]) => size === large.length)).toEqual([['deflateLater', large.length]])
  })

  test('that was compressed before goes at once', async () => {
    const { calls, counted } = counting()
    const { server, client } = pair({ server: counted, params: quiet })
    const news = prepared(large)
    await server.socket.send(news)
    expect(await read(client.socket, 1)).toEqual([large])
    server.socket.send(news)
    expect(server.socket.bufferedAmount).toBe(large.length)
    expect(await read(client.socket, 1)).toEqual([large])
    expect(calls).toHaveLength(1)
  })

  test('is compressed once for each size of window', async () => {
    const { calls, counted } = counting()
    const news = [prepared(json(20)), prepared(large)]
    for (const serverMaxWindowBits of [15, 10, 15, 10, 9]) {
      const { server, client } = pair({ server: counted, params: { ...quiet, serverMaxWindowBits } })
      for (const one of news) server.socket.send(one)
      expect(await read(client.socket, 2)).toEqual([json(20), large])
    }
    expect(calls.filter(([name]) => name === 'deflate')).toHaveLength(3)
    expect(calls.filter(([name]) => name === 'deflateLater')).toHaveLength(3)
  })

  test('goes as it is with compress: false, and where it would not become smaller', async () => {
    const { calls, counted } = counting()
    const { server, client } = pair({ server: counted, params: quiet })
    server.socket.send(prepared(large), { compress: false })
    expect(calls).toEqual([])
    expect(await read(client.socket, 1)).toEqual([large])
    const noise = new Uint8Array(randomBytes(50_000))
    for (let i = 0; i < 3; i++) await server.socket.send(prepared(noise))
    expect(await read(client.socket, 3)).toEqual([noise, noise, noise])
  })

  test('that nobody is there for any more rejects, and the next one is sent to the others', async () => {
    const [one, two] = [pair({ params: quiet }), pair({ params: quiet })]
    const news = prepared(large)
    const lost = one.server.socket.send(news)
    const sent = two.server.socket.send(news)
    one.server.socket.terminate()
    await expect(lost).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await sent
    expect(await read(two.client.socket, 1)).toEqual([large])
  })
})

describe('a large message', () => {
  test('is never compressed on the main thread, and what is sent behind it waits its turn', async () => {
    const { calls, counted } = counting()
    const { server, client } = pair({ server: counted, params: { serverNoContextTakeover: true } })
    const bytes = new Uint8Array(200_000)
    const sent = [json(2), json(3000), json(3), bytes, json(4)]
    for (const data of sent) server.socket.send(data)
    expect(await read(client.socket, sent.length)).toEqual(sent)
    for (const [name, size] of calls) expect(name).toBe(size > 32_768 ? 'deflateLater' : 'deflate')
  })
})

describe('what a line remembers', () => {
  test('is made by its first message, forgotten when idle, made again, and given back', async () => {
    const { server, client, clock } = pair({ params: { clientNoContextTakeover: true } })
    expect([server.contexts.used, client.contexts.used]).toEqual([0, 32_768])
    for (const idle of [0, 46_000, 46_000]) {
      await clock.advance(idle)
      expect(server.contexts.used).toBe(0)
      for (let i = 0; i < 3; i++) {
        server.socket.send(json(20, i))
        expect(await read(client.socket, 1)).toEqual([json(20, i)])
      }
      expect(server.contexts.used).toBe(262_144)
    }
    client.wire.destroy()
    await server.socket.closed
    expect([server.contexts.used, client.contexts.used]).toEqual([0, 0])
  })

  test('is nothing without takeover', async () => {
    const { server, client } = pair({ params: { serverNoContextTakeover: true, clientNoContextTakeover: true } })
    server.socket.send(json(20))
    client.socket.send(json(20))
    expect(await Promise.all([read(client.socket, 1), read(server.socket, 1)])).toEqual([[json(20)], [json(20)]])
    expect([server.contexts.used, client.contexts.used]).toEqual([0, 0])
  })

  test.each(['handles', 'public'] as const)(
    'is what the peer has too, behind a message of a thread, by %s',
    async name => {
      const { server, client } = pair({ server: ENGINES[name], client: ENGINES[name] })
      const sent = [json(20), json(3000), json(20), json(20), new Uint8Array(100_000), json(20)]
      for (const data of sent) {
        server.socket.send(data)
        client.socket.send(data)
      }
      expect(await read(client.socket, sent.length)).toEqual(sent)
      expect(await read(server.socket, sent.length)).toEqual(sent)
    },
  )

  test('makes the next message smaller than it would be alone', async () => {
    const sizes: number[] = []
    const measured: DeflateEngine = {
      ...ENGINES.handles,
      deflater(form) {
        const deflater = ENGINES.handles.deflater(form)
        return {
          deflate(data) {
            const payload = deflater.deflate(data)
            sizes.push(payload?.length ?? 0)
            return payload
          },
          reset: () => deflater.reset(),
          close: () => deflater.close(),
        }
      },
    }
    const { server, client } = pair({ server: measured })
    for (let i = 0; i < 3; i++) server.socket.send(json(30))
    server.socket.send(prepared(json(30)))
    server.socket.send(json(30))
    expect(await read(client.socket, 5)).toEqual(Array(5).fill(json(30)))
    const [first, second, third, behindPrepared] = sizes as [number, number, number, number]
    expect(Math.max(second, third)).toBeLessThan(first / 4)
    expect(behindPrepared).toBe(first)
  })
})
