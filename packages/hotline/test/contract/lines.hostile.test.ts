/** What a hostile client says to the topics and requests of a contract, each with its answer; and the patterns, as types and at run time. */
import * as msgpack from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Contract, contract } from '../../src/contract/index.ts'
import type { Deciding } from '../../src/contract/names.ts'
import { schemasFor } from '../../src/contract/topics.ts'
import { typedRoute, typedTopics } from '../../src/server/index.ts'
import { memoryServer, type Socket } from '../../src/testing/index.ts'
import { fits } from '../../src/topics/names.ts'

const deep: z.ZodType = z.lazy(() => z.array(deep))

const terms = contract({
  topics: {
    loose: z.looseObject({ text: z.string() }),
    named: z.record(z.string(), z.number()),
    '*': z.object({ text: z.string() }),
  },
  requests: { client: { echo: { data: z.record(z.string(), z.number()), reply: z.any() }, deep: { data: deep } } },
  messagePack: msgpack,
})

/** What the server answers to each of these, in their order; the line stays open. */
async function answersTo(messages: readonly string[]): Promise<Record<string, unknown>[]> {
  const open = { subscribe: true, publish: true }
  await using server = memoryServer({
    topics: typedTopics(terms, { loose: open, named: open, '*': open }),
    routes: { '/': typedRoute(terms, { requests: { echo: (_, data) => data, deep: () => {} } }) },
  })
  const { client } = await server.open('/', { protocols: ['hotline.1'] })
  for (const message of messages) await client.send(message)
  const answers = await heard(client, messages.length + 1)
  expect([client.state, (Object.prototype as { polluted?: unknown }).polluted]).toEqual(['open', undefined])
  return answers.slice(1)
}

async function heard(client: Socket, count: number): Promise<Record<string, unknown>[]> {
  const got: Record<string, unknown>[] = []
  for await (const message of client) if (got.push(JSON.parse(String(message))) === count) break
  return got
}

const publish = (topic: string, data: string): string =>
  `{"type":"publish","id":1,"topic":${JSON.stringify(topic)},"data":${data}}`
const ask = (name: string, data: string): string =>
  `{"type":"request","id":1,"name":${JSON.stringify(name)},"data":${data}}`

describe('a hostile client', () => {
  test.each<[string, string]>([
    ['a prototype as a field', publish('loose', '{"text":"hi","__proto__":{"polluted":true}}')],
    ['a constructor as a field', publish('loose', '{"text":"hi","constructor":{"prototype":{"polluted":true}}}')],
    ['a prototype where numbers are wanted', publish('named', '{"__proto__":{"polluted":true}}')],
    ['a topic that is called as one', publish('__proto__', '{"text":"hi"}')],
    ['a topic that is called as a method', publish('constructor', '{"text":"hi"}')],
  ])('publishes %s, and nothing is polluted', async (_what, message) => {
    expect(await answersTo([message])).toEqual([{ type: 'published', id: 1 }])
  })

  test.each<[string, string, string]>([
    ['a topic of 64 KiB', publish('a'.repeat(65_536), '{"text":"hi"}'), 'topic'],
    ['a pattern as a topic', publish('*', '{"text":"hi"}'), 'topic'],
    ['a request that is called __proto__', ask('__proto__', '{}'), 'unknown-request'],
    ['a request that is called constructor', ask('constructor', '{}'), 'unknown-request'],
    ['what is nested deeper than allowed', ask('deep', '['.repeat(5000) + ']'.repeat(5000)), 'malformed'],
    ['nothing where something is wanted', '{"type":"request","id":1,"name":"echo"}', 'schema'],
  ])('says %s, and gets its answer', async (_what, message, code) => {
    const [answer] = await answersTo([message])
    expect(String(answer?.['code'] ?? answer?.['type'])).toBe(code)
  })

  test('gets a path that is huge cut to what a reason may have, without control characters', async () => {
    const key = `${'k'.repeat(50_000)}\\u0007`
    const [answer] = await answersTo([publish('named', `{"a\\u0007":"no"}`), publish('named', `{"${key}":"no"}`)])
    expect(answer).toMatchObject({ code: 'schema', reason: expect.not.stringMatching(/\p{Cc}/u) })
    const [, long] = await answersTo([publish('named', `{"b":"no"}`), publish('named', `{"${key}":"no"}`)])
    expect(long).toMatchObject({ code: 'schema' })
    expect(String(long?.['reason']).length).toBeLessThanOrEqual(123)
  })

  test('is not told what the handler is told', async () => {
    const [answer] = await answersTo([ask('echo', '{"a":"1"}')])
    expect(answer).toEqual({ type: 'error', id: 1, code: 'schema', reason: expect.stringMatching(/^a: /) })
  })
})

/** The compiler's word for each name: checked where this is compiled. */
type Word<Patterns extends string, Name extends string> =
  Deciding<Patterns, Name> extends never ? null : Deciding<Patterns, Name>

const words = <const P extends readonly string[]>(patterns: P) => ({
  say: <const N extends string>(name: N, pattern: Word<P[number], N>) => ({
    patterns,
    name,
    pattern: pattern as string | null,
  }),
})

const rooms = words(['room/lobby', 'room/*', 'room/**', '**'])
const mixed = words(['*/status', 'a/*/c', 'a', 'b//c'])

test.each([
  rooms.say('room/lobby', 'room/lobby'),
  rooms.say('room/x', 'room/*'),
  rooms.say('room/', 'room/*'),
  rooms.say('room/x/y', 'room/**'),
  rooms.say('room', '**'),
  rooms.say('Room/lobby', '**'),
  rooms.say('/room/lobby', '**'),
  mixed.say('a/status', '*/status'),
  mixed.say('/status', '*/status'),
  mixed.say('a/b/status', null),
  mixed.say('a/b/c', 'a/*/c'),
  mixed.say('a//c', 'a/*/c'),
  mixed.say('a', 'a'),
  mixed.say('a/', null),
  mixed.say('b//c', 'b//c'),
  mixed.say('b/c', null),
  mixed.say('', null),
])('of $patterns the compiler and the server find $pattern for "$name"', ({ patterns, name, pattern }) => {
  const schemas = new Map<string, z.ZodType>(patterns.map(one => [one, z.literal(one)]))
  const found = schemasFor(contract({ topics: Object.fromEntries(schemas) }).topics, name)
  expect(found?.data).toBe(pattern === null ? undefined : schemas.get(pattern))
})

const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '', '*'), { maxLength: 3 }), fc.constantFrom('a', 'b', '*', '**'))
  .map(([head, last]) => [...head, last].join('/'))
const name = fc.array(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 5 }).map(segments => segments.join('/'))

/** The contract, where one can be made of these. */
function made(topics: Record<string, z.ZodType>): Contract | undefined {
  try {
    return contract({ topics })
  } catch {
    return undefined
  }
}

test('a pattern is refused behind another exactly when it could never decide', () => {
  fc.assert(
    fc.property(pattern, pattern, fc.array(name, { minLength: 50, maxLength: 50 }), (first, second, names) => {
      fc.pre(first !== second)
      const schema = z.string()
      const both = made({ [first]: schema, [second]: schema })
      const decides = names.find(one => fits(one, second) && !fits(one, first))
      // What is refused decides on no name; what is taken decides on one: that of its wild segments, of a kind of their own.
      if (both === undefined) expect(decides).toBeUndefined()
      else {
        const own = second.replace('**', 'q/q/q/q/q').replaceAll('*', 'q')
        const shorter = second.replaceAll('**', 'q').replaceAll('*', 'q')
        expect([own, shorter].some(one => fits(one, second) && !fits(one, first))).toBe(true)
      }
    }),
    { numRuns: 500, seed: 6 },
  )
})
