/** Topics of a server in memory are on the clock of the test, over plain sockets and over hotline.1. */
import { expect, test } from 'vitest'
import { type MemoryLine, memoryServer, type Socket, settle } from '../../src/testing/index.ts'

/** What a client gets, as it comes. */
function heard(socket: Socket): string[] {
  const messages: string[] = []
  void (async () => {
    for await (const message of socket) messages.push(String(message))
  })()
  return messages
}

const members = (socket: Socket): { count: number; leave?: unknown }[] => {
  const presence: { count: number; leave?: unknown }[] = []
  void (async () => {
    for await (const message of socket) {
      const { type, ...rest } = JSON.parse(String(message))
      if (type === 'presence') presence.push(rest)
    }
  })()
  return presence
}

test('a ticker that is told once a second is told then', async () => {
  await using server = memoryServer({
    topics: { ticker: { slow: 'latest', every: 1_000 } },
    routes: { '/': { open: socket => void socket.subscribe('ticker') } },
  })
  const { client } = await server.open('/')
  const messages = heard(client)
  for (const price of ['1', '2', '3']) server.publish('ticker', price)
  await settle()
  const before = messages.length
  await server.clock.advance(1_000)
  expect(messages.at(-1)).toBe('3')
  expect([before, messages.length]).toEqual([1, 2])
})

test('who goes has left when the grace is over, and not before', async () => {
  await using server = memoryServer({
    topics: { room: { subscribe: true, presence: { grace: 5_000 } } },
    routes: { '/': { topics: true } },
  })
  const join = async (): Promise<MemoryLine> => {
    const line = await server.open('/', { protocols: ['hotline.1'] })
    await line.client.send('{"type":"subscribe","id":1,"topic":"room","presence":true}')
    return line
  }
  const stays = await join()
  const presence = members(stays.client)
  const goes = await join()
  await settle()
  goes.client.terminate()
  await server.clock.advance(4_999)
  expect(presence.at(-1)).toMatchObject({ count: 2 })
  await server.clock.advance(1)
  expect(presence.at(-1)).toMatchObject({ count: 1 })
})
