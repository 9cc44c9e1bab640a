/** Validators that take time, deadlines and cancellation on lines with a contract. */
import { afterEach, describe, expect, test } from 'vitest'
import { connectTyped } from '../../src/client/index.ts'
import {
  contract,
  type LineLike,
  type ReceivedLike,
  type StandardSchema,
  type TopicEventsLike,
  type TopicLike,
  typedLine,
} from '../../src/contract/index.ts'
import { serve, typedRoute, typedTopics } from '../../src/server/index.ts'
import { memoryServer, settle } from '../../src/testing/index.ts'
import { Log } from '../support/deadline.ts'

/** What is looked at, until the test says what it is. */
class Desk {
  readonly looks = new Log<{ value: unknown; pass(): void; fail(): void; reject(error: Error): void }>()

  /** Texts that begin with `slow` take time, and all others are what they are. */
  readonly schema: StandardSchema<string> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: value => {
        const issues = [{ message: 'it is bad' }]
        if (typeof value !== 'string' || value.startsWith('bad')) return { issues }
        if (!value.startsWith('slow')) return { value }
        return new Promise((resolve, reject) =>
          this.looks.push({ value, pass: () => resolve({ value }), fail: () => resolve({ issues }), reject }),
        )
      },
    },
  }

  async at(count: number) {
    await this.looks.until(`look ${count}`, all => all.length >= count)
    return this.looks.all[count - 1] as (typeof this.looks.all)[number]
  }
}

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

/** A server and a client of its, with one topic and one request for each end, all of them looked at by the desk. */
async function played() {
  const desk = new Desk()
  const { schema } = desk
  const request = { data: schema, reply: schema }
  const terms = contract({
    topics: { a: schema },
    requests: { client: { say: request }, server: { say: request } },
  })
  const reported: unknown[] = []
  const handled: unknown[] = []
  const server = await serve({
    port: 0,
    report: error => reported.push(error),
    topics: typedTopics(terms, { a: { subscribe: true, publish: true } }),
    routes: {
      '/': typedRoute(terms, {
        requests: {
          say: (_, text) => {
            handled.push(text)
            return text === 'answer slowly' ? 'slow answer' : text
          },
        },
      }),
    },
  })
  const line = connectTyped(String(server.url), terms)
  open.push(server, line)
  await line.line.opened
  return { desk, line, server, handled, reported }
}

describe('a validator of the server that takes time', () => {
  test('keeps the order of what is published', async () => {
    const { desk, line } = await played()
    const done: string[] = []
    const slow = line.publish('a', 'slow').then(() => done.push('slow'))
    const quick = line.publish('a', 'quick').then(() => done.push('quick'))
    ;(await desk.at(1)).pass()
    await Promise.all([slow, quick])
    expect(done).toEqual(['slow', 'quick'])
  })

  test('refuses at last', async () => {
    const { desk, line } = await played()
    const published = expect(line.publish('a', 'slow')).rejects.toMatchObject({ answer: { code: 'schema' } })
    const asked = expect(line.request('say', 'slow too')).rejects.toMatchObject({ answer: { code: 'schema' } })
    ;(await desk.at(1)).fail()
    ;(await desk.at(2)).fail()
    await Promise.all([published, asked])
  })

  test('counts for the deadline, and nobody is asked behind it', async () => {
    const desk = new Desk()
    const handled: unknown[] = []
    const terms = contract({ requests: { client: { say: { data: desk.schema } } } })
    const requests = { say: (_: unknown, text: string) => handled.push(text) }
    await using server = memoryServer({ routes: { '/': typedRoute(terms, { requests }) } })
    const { client } = await server.open('/', { protocols: ['hotline.1'] })
    await client.send('{"type":"request","id":1,"name":"say","data":"slow","timeout":500}')
    const look = await desk.at(1)
    await server.clock.advance(500)
    const messages: unknown[] = []
    for await (const message of client) if (messages.push(JSON.parse(String(message))) === 2) break
    expect(messages[1]).toMatchObject({ type: 'error', id: 1, code: 'timeout' })
    look.pass()
    await settle()
    expect(handled).toEqual([])
  })

  test('is not waited for by who has cancelled', async () => {
    const { desk, line, handled } = await played()
    const given = new AbortController()
    const asked = expect(line.request('say', 'slow', { signal: given.signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
    const look = await desk.at(1)
    given.abort()
    await asked
    expect(await line.request('say', 'quick')).toBe('quick')
    look.pass()
    await settle()
    expect(handled).toEqual(['quick'])
  })

  test('and fails is a fault of the server: failed, and reported', async () => {
    const { desk, line, reported } = await played()
    const published = expect(line.publish('a', 'slow')).rejects.toMatchObject({ answer: { code: 'failed' } })
    ;(await desk.at(1)).reject(new Error('no database'))
    await published
    expect(reported).toMatchObject([{ message: 'no database' }])
  })
})

test('a reply that is looked at for too long is given up by the signal', async () => {
  const { desk, line } = await played()
  const given = new AbortController()
  const asked = line.request('say', 'answer slowly', { signal: given.signal })
  ;(await desk.at(1)).pass() // the server looks at its own reply
  await desk.at(2)
  given.abort()
  await expect(asked).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  const whole = line.request('say', 'answer slowly', { signal: new AbortController().signal })
  ;(await desk.at(3)).pass()
  ;(await desk.at(4)).pass()
  expect(await whole).toBe('slow answer')
})

/** A topic that is told what comes. */
class Told implements TopicLike {
  readonly name = 'a'
  count = 0
  members: Map<string, unknown> | undefined
  readonly #listeners: { name: string; listener: (event: never) => unknown }[] = []
  readonly results: unknown[] = []

  on<K extends keyof TopicEventsLike>(name: K, listener: (event: TopicEventsLike[K]) => unknown): () => void {
    const one = { name, listener }
    this.#listeners.push(one)
    return () => this.#listeners.splice(this.#listeners.indexOf(one), 1)
  }

  say<K extends keyof TopicEventsLike>(name: K, event: TopicEventsLike[K]): void {
    for (const one of [...this.#listeners]) if (one.name === name) this.results.push(one.listener(event as never))
  }

  publish(data: unknown, passed = 0, recovered = true): void {
    this.say('publication', { topic: 'a', data, passed, recovered })
  }

  join(members: Record<string, unknown>): void {
    this.members = new Map([...(this.members ?? []), ...Object.entries(members)])
    this.count = this.members.size
    this.say('presence', { count: this.count, join: members, leave: [] })
  }

  leave(): void {}
  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedLike> {}
}

function topicOf(desk: Desk, misfits: unknown[] = []) {
  const told = new Told()
  const line = { topic: () => told } as Partial<LineLike> as LineLike
  const terms = contract({ topics: { a: { data: desk.schema, presence: desk.schema } } })
  const invalid = (_error: unknown, where: unknown): unknown => misfits.push(where)
  return { told, topic: typedLine(terms, line, { invalid }).topic('a') }
}

describe('a validator of the client that takes time', () => {
  test('keeps the order of publications, and of what is told beside them', async () => {
    const desk = new Desk()
    const { told, topic } = topicOf(desk)
    const heard: unknown[] = []
    topic.on('publication', ({ data }) => heard.push(data))
    topic.on('ended', () => heard.push('ended'))
    told.publish('slow')
    told.publish('quick')
    told.say('ended', undefined)
    expect(heard).toEqual([])
    ;(await desk.at(1)).pass()
    await settle()
    expect(heard).toEqual(['slow', 'quick', 'ended'])
    told.publish('at once')
    expect(heard.at(-1)).toBe('at once')
  })

  test('looks once for several listeners, of which each gets what is missing', async () => {
    const desk = new Desk()
    const misfits: unknown[] = []
    const { told, topic } = topicOf(desk, misfits)
    const heard: unknown[][] = [[], []]
    for (const log of heard)
      topic.on('publication', ({ data, passed, recovered }) => log.push([data, passed, recovered]))
    told.publish('slow', 2, false)
    told.publish('bad', 1)
    told.publish('good')
    told.publish('better')
    ;(await desk.at(1)).fail()
    await settle()
    expect(desk.looks.all).toHaveLength(1)
    const expected = [
      ['good', 5, false],
      ['better', 0, true],
    ]
    expect(heard).toEqual([expected, expected])
    expect(misfits).toHaveLength(2)
  })

  test('and fails is told to who listens to the line, and holds up nothing', async () => {
    const desk = new Desk()
    const { told, topic } = topicOf(desk)
    const heard: unknown[] = []
    topic.on('publication', ({ data }) => heard.push(data))
    told.publish('slow')
    told.publish('quick')
    ;(await desk.at(1)).reject(new Error('no database'))
    await expect(told.results[0]).rejects.toThrow('no database')
    await settle()
    expect(heard).toEqual(['quick'])
  })

  test('shows a member when it has passed, and not one whose data is bad', async () => {
    const desk = new Desk()
    const misfits: unknown[] = []
    const { told, topic } = topicOf(desk, misfits)
    const joins: unknown[] = []
    topic.on('presence', ({ join, count }) => joins.push([join, count]))
    told.join({ ada: 'slow ada', bob: 'bad bob', cy: 'cy' })
    expect([...(topic.members?.keys() ?? [])]).toEqual(['cy'])
    ;(await desk.at(1)).pass()
    await settle()
    expect([...(topic.members ?? [])]).toEqual([
      ['ada', 'slow ada'],
      ['cy', 'cy'],
    ])
    expect(joins).toEqual([[{ ada: 'slow ada', cy: 'cy' }, 3]])
    expect(misfits).toEqual([{ topic: 'a', member: 'bob' }])
    told.members?.delete('ada')
    told.join({ ada: 'bad ada' })
    expect([...(topic.members?.keys() ?? [])]).toEqual(['cy'])
    told.members = undefined
    expect(topic.members).toBeUndefined()
  })

  test('forgets a member that has left, and looks again when it is back', async () => {
    const desk = new Desk()
    const { told, topic } = topicOf(desk)
    told.join({ ada: 'slow ada' })
    ;(await desk.at(1)).pass()
    await settle()
    told.members?.delete('ada')
    told.say('presence', { count: 0, join: {}, leave: ['ada'] })
    told.join({ ada: 'slow ada' })
    expect([...(topic.members?.keys() ?? [])]).toEqual([])
    ;(await desk.at(2)).pass()
    await settle()
    expect([...(topic.members?.keys() ?? [])]).toEqual(['ada'])
  })
})
