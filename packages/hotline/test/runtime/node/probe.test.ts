/** The probe of the lane: a Node whose undocumented parts are gone, or do something else, is served by documented ones. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

/** The methods that the handles of TCP sockets have, where they can be changed. */
type Handle = Record<string, ((...given: never[]) => unknown) | undefined>

const server = createServer(socket => socket.end())
let handle: Handle = {}

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  handle = Object.getPrototypeOf((socket as unknown as { _handle: object })._handle) as Handle
  await once(socket, 'connect')
  socket.destroy()
})
afterAll(() => void server.close())

const changed = new Set<string>()

/** As if this Node did something else by that name. */
function change(name: string, make: (original: (...given: unknown[]) => unknown) => unknown): void {
  const original = handle[name] as (...given: unknown[]) => unknown
  changed.add(name)
  Object.defineProperty(handle, name, { configurable: true, writable: true, value: make(original) })
}

afterEach(() => {
  for (const name of changed) delete handle[name]
  changed.clear()
  vi.unstubAllEnvs()
})

/** The library as a process sees it that has just begun. */
async function fresh() {
  vi.resetModules()
  const { isLaneOpen } = await import('../../../src/runtime/node/lane.ts')
  const { serve, lane } = await import('../../../src/server/index.ts')
  const { openSocket } = await import('../../../src/client/index.ts')
  return { isLaneOpen, serve, lane, openSocket }
}

/** Messages there and back: short ones, and some that need several chunks. */
async function talk({ serve, openSocket }: Awaited<ReturnType<typeof fresh>>): Promise<void> {
  await using server = await serve({
    port: 0,
    routes: { '/': { message: (socket, message) => socket.send(message) } },
  })
  await using socket = await openSocket(server.url as string)
  const messages = Array.from({ length: 20 }, (_, at) => `${at} `.repeat(1 + ((at * 7919) % 40_000)))
  for (const message of messages) socket.send(message)
  const got: unknown[] = []
  for await (const message of socket) if (got.push(message) === messages.length) break
  expect(got).toEqual(messages)
}

describe('the lane', () => {
  test.each(['tcp', 'tls'] as const)('is open on this Node, over %s', async kind => {
    vi.stubEnv('HOTLINE_LANE', '')
    const { lane } = await fresh()
    expect((await lane())[kind]).toBe('direct')
  })

  test('is closed before its probe, and open after it', async () => {
    vi.stubEnv('HOTLINE_LANE', '')
    const library = await fresh()
    expect([library.isLaneOpen(false), library.isLaneOpen(true)]).toEqual([false, false])
    await talk(library)
    expect([library.isLaneOpen(false), library.isLaneOpen(true)]).toEqual([true, false])
  })

  test('stays closed with HOTLINE_LANE=public', async () => {
    vi.stubEnv('HOTLINE_LANE', 'public')
    const library = await fresh()
    await talk(library)
    const why = { public: 'HOTLINE_LANE=public' }
    expect(await library.lane()).toEqual({ tcp: why, tls: why })
    expect([library.isLaneOpen(false), library.isLaneOpen(true)]).toEqual([false, false])
  })
})

// What a Node of the future may do, and what the probe says of it. The messages come through in any case.
test.each<[string, string, (original: (...given: unknown[]) => unknown) => unknown, string]>([
  ['has no buffers of ours', 'useUserBuffer', () => undefined, 'this Node has no such parts'],
  ['reads into another buffer', 'useUserBuffer', of => useOther(of), 'bytes were changed on the way'],
  ['takes no notice of the buffer', 'useUserBuffer', () => () => {}, 'bytes were changed on the way'],
  ['drops what is written', 'writev', () => () => 0, 'no echo within 2000 ms'],
  ['writes it twice', 'writev', of => twice(of), 'a paused socket went on reading'],
  ['throws', 'writev', () => fails, 'other arguments, please'],
  ['does not stop reading', 'readStop', () => () => 0, 'a paused socket went on reading'],
])('a Node that %s is served without the lane', async (_, name, make, why) => {
  vi.stubEnv('HOTLINE_LANE', '')
  change(name, make)
  const library = await fresh()
  expect((await library.lane()).tcp).toEqual({ public: why })
  expect(library.isLaneOpen(false)).toBe(false)
  await talk(library)
})

function useOther(original: (...given: unknown[]) => unknown) {
  return function (this: unknown) {
    return original.call(this, Buffer.alloc(65_536))
  }
}

function twice(original: (...given: unknown[]) => unknown) {
  return function (this: unknown, request: unknown, pieces: unknown[], all: boolean) {
    return original.call(this, request, [...pieces, ...pieces], all)
  }
}

function fails(): never {
  throw new Error('other arguments, please')
}
