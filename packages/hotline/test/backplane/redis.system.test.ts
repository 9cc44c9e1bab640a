/** Two servers that are one system over a real Redis, which ends and comes back while clients of both talk. */
import { describe, expect, inject, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../../test/support/redis.ts'
import { redisBackplane } from '../../src/backplane/redis/index.ts'
import { type Client, speaking } from '../server/subprotocol/support.ts'
import { within } from '../support/deadline.ts'
import { PATIENCE } from './support.ts'

const path = inject('redis')

type Message = Record<string, unknown>

const all = { subscribe: true, publish: true } as const
let members = 0

const topics = {
  'chat/*': { ...all, history: { size: 1000 } },
  'team/*': { ...all, presence: { grace: 10, key: () => `${++members}` } },
}

/** Two servers, and a client of each. */
async function two(appendonly: boolean) {
  const redis = await startRedis(path as string, { appendonly })
  const server = () => speaking({ topics, backplane: redisBackplane(redis.url) })
  const servers = await Promise.all([server(), server()])
  const [here, there] = servers
  const [a, b] = await Promise.all([here.connect(), there.connect()])
  const end = async (): Promise<void> => {
    await Promise.all(servers.map(server => server[Symbol.asyncDispose]()))
    await redis.end()
  }
  return { redis, here, there, a, b, [Symbol.asyncDispose]: end }
}

/** What comes to the client until one passes, that one included. */
async function until(client: Client, passes: (message: Message) => boolean): Promise<Message[]> {
  const messages: Message[] = []
  for (;;) {
    const message = await within(`a message behind ${JSON.stringify(messages.at(-1))}`, client.answer(), PATIENCE)
    if (message === undefined) throw new Error('the line has ended')
    messages.push(message)
    if (passes(message)) return messages
  }
}

const isNotice = (code: string) => (message: Message) => message['type'] === 'notice' && message['code'] === code
const isData = (data: unknown) => (message: Message) => message['type'] === 'publication' && message['data'] === data
const dataOf = (messages: readonly Message[]): unknown[] =>
  messages.filter(({ type }) => type === 'publication').map(({ data }) => data)
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

async function restart(redis: RedisServer): Promise<void> {
  await redis.kill()
  await redis.start()
}

describe.skipIf(path === undefined)('two servers over Redis', { timeout: 60_000 }, () => {
  test('a Redis that ends and has kept all: both clients are told, and get each publication once and in order', async () => {
    await using it = await two(true)
    const { a, b, redis } = it
    for (const client of [a, b]) await client.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    const publish = (data: number): void => a.send({ type: 'publish', topic: 'chat/x', data })
    for (const data of numbers(100)) publish(data)
    const restarted = restart(redis)
    for (const data of numbers(100)) publish(100 + data)
    await restarted
    const [atA, atB] = await Promise.all([a, b].map(client => until(client, isNotice('restored'))))
    publish(200)
    const all = await Promise.all([a, b].map(client => until(client, isData(200))))
    const got = [atA, atB].map((before, at) => [...(before ?? []), ...(all[at] ?? [])])
    for (const messages of got) {
      expect(dataOf(messages)).toEqual(numbers(201))
      expect(messages.filter(({ type }) => type !== 'publication').map(({ type, code }) => `${type} ${code}`)).toEqual([
        'notice interrupted',
        'notice restored',
      ])
    }
  })

  test('a Redis that ends and has kept nothing: both clients are told of another epoch, and go on', async () => {
    await using it = await two(false)
    const { a, b, redis } = it
    const before = await a.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    await b.ask({ type: 'subscribe', id: 1, topic: 'chat/x' })
    a.send({ type: 'publish', topic: 'chat/x', data: 'before' })
    await Promise.all([a, b].map(client => until(client, isData('before'))))
    await restart(redis)
    await Promise.all([a, b].map(client => until(client, isNotice('restored'))))
    b.send({ type: 'publish', topic: 'chat/x', data: 'after' })
    const got = await Promise.all([a, b].map(client => until(client, isData('after'))))
    for (const messages of got) {
      const [renewed] = messages.filter(({ type }) => type === 'subscribed')
      expect(renewed).toMatchObject({ topic: 'chat/x', recovered: false, code: 'epoch' })
      expect(renewed).not.toHaveProperty('id')
      expect(renewed?.['epoch']).not.toBe(before?.['epoch'])
    }
  })

  test('members of both are seen on both, also when Redis has forgotten them, and those of a server that ends are gone', async () => {
    await using it = await two(false)
    const { a, b, redis, there } = it
    await a.ask({ type: 'subscribe', id: 1, topic: 'team/x', presence: true })
    await b.ask({ type: 'subscribe', id: 1, topic: 'team/x', presence: true })
    const count = (): number => it.here.topics.presence('team/x').count
    await expect.poll(count, { timeout: PATIENCE }).toBe(2)
    await restart(redis)
    await until(a, isNotice('restored'))
    expect(count()).toBe(2)
    await there[Symbol.asyncDispose]()
    await expect.poll(count, { timeout: PATIENCE }).toBe(1)
  })
})
