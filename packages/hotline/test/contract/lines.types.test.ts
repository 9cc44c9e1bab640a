/** What TypeScript knows of the topics and requests of a contract. The claims are checked by the compiler, in `npm run check`. */
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { connectTyped } from '../../src/client/index.ts'
import {
  contract,
  type FromTopic,
  type NameOf,
  type TopicData,
  type TopicName,
  type TypedLine,
} from '../../src/contract/index.ts'
import { type ServeOptions, type Server, typedRoute, typedServer, typedTopics } from '../../src/server/index.ts'
import { type arktype, type valibot, zod } from './lines.ts'

/** For the compiler only: none of it is run. */
const unrun = (_work: () => unknown): void => {}
const typed = <D>(options: ServeOptions<D>): ServeOptions<D> => options
declare const server: Server
type LineOf<C extends typeof zod | typeof valibot | typeof arktype> = ReturnType<typeof connectTyped<C>>
declare const line: LineOf<typeof zod>
declare const lines: { valibot: LineOf<typeof valibot>; arktype: LineOf<typeof arktype> }

type Said = { type: 'said'; text: string; tags?: { name: string }[] | undefined } | { type: 'left' }

describe('a pattern has as names', () => {
  test('what stands between its slashes, and anything for *', () => {
    expectTypeOf<NameOf<'room/*'>>().toEqualTypeOf<`room/${string}`>()
    expectTypeOf<NameOf<'*/status/*'>>().toEqualTypeOf<`${string}/status/${string}`>()
    expectTypeOf<NameOf<'**'>>().toEqualTypeOf<string>()
    expectTypeOf<TopicName<typeof zod>>().toEqualTypeOf<`room/${string}` | `prices/${string}`>()
  })
})

describe('the data of a topic is that of the pattern that decides', () => {
  const many = contract({
    topics: {
      'room/lobby': z.object({ lobby: z.string() }),
      'room/*': z.object({ room: z.boolean() }),
      'room/**': z.object({ deep: z.string() }),
      '*/cat': z.object({ cat: z.string() }),
    },
  })
  type Many = typeof many

  test('the narrowest, which stands first', () => {
    expectTypeOf<FromTopic<Many, 'room/lobby'>>().toEqualTypeOf<{ lobby: string }>()
    expectTypeOf<FromTopic<Many, 'room/x'>>().toEqualTypeOf<{ room: boolean }>()
    expectTypeOf<FromTopic<Many, 'room/x/y'>>().toEqualTypeOf<{ deep: string }>()
    expectTypeOf<FromTopic<Many, 'x/cat'>>().toEqualTypeOf<{ cat: string }>()
    expectTypeOf<FromTopic<Many, 'x/dog'>>().toEqualTypeOf<never>()
  })

  test('any of those that may, where that is known only when it runs; and what is sent is for all of them', () => {
    expectTypeOf<FromTopic<Many, `room/${string}`>>().toEqualTypeOf<
      { lobby: string } | { room: boolean } | { cat: string }
    >()
    expectTypeOf<TopicData<Many, `room/${string}`>>().toEqualTypeOf<
      { lobby: string } & { room: boolean } & { cat: string }
    >()
    expectTypeOf<TopicData<Many, 'room/x'>>().toEqualTypeOf<{ room: boolean }>()
  })
})

describe('what is wrong does not compile', () => {
  test('on a client', () => {
    unrun(() => {
      // @ts-expect-error there is no such topic
      line.topic('rooms/lobby')
      // @ts-expect-error * is one segment
      line.topic('room/lobby/quiet')
      // @ts-expect-error a text may be any topic, and most are none of the contract
      line.topic(String('room/lobby'))
      // @ts-expect-error a room has no prices
      line.publish('room/lobby', { symbol: 'ACME', price: 5 })
      // @ts-expect-error there is no field texts
      line.publish('room/lobby', { type: 'said', texts: 'hello' })
      // @ts-expect-error nobody answers that
      line.request('difference', [1, 2])
      // @ts-expect-error it is asked with numbers
      line.request('sum', ['1'])
      // @ts-expect-error it is asked with something
      line.request('sum')
      // @ts-expect-error it is asked with nothing
      line.request('nothing', 5)
      // @ts-expect-error that is what clients ask
      line.answer('sum', () => 5)
      // @ts-expect-error the answer is yes or no
      line.answer('confirm', () => 'maybe')
    })
  })

  test('on a server', () => {
    unrun(() => {
      typedTopics(zod, {
        // @ts-expect-error the contract has no such pattern
        'rooms/*': {},
      })
      // @ts-expect-error what all see of a member is its name
      typedTopics(zod, { 'room/*': { presence: { data: () => ({ nickname: 'Ada' }) } } })
      // @ts-expect-error nobody says the name of a member: all would get null, which does not fit
      typedTopics(zod, { 'room/*': { presence: true } })
      // @ts-expect-error nor here
      typedTopics(zod, { 'room/*': { presence: { grace: 1000 } } })
      typedTopics(zod, { 'room/*': { presence: false }, 'prices/**': { presence: true } })
      const nameless = contract({ topics: { 'room/*': { data: z.string(), presence: z.null() } } })
      typedTopics(nameless, { 'room/*': { presence: true } })
      // @ts-expect-error a price has no ticker
      typedTopics(zod, { 'prices/**': { slow: 'latest', key: ({ ticker }) => ticker } })
      // @ts-expect-error the sum is a number
      typedRoute(zod, { requests: { sum: () => '5', nothing: () => {} } })
      // @ts-expect-error nobody answers `nothing`
      typedRoute(zod, { requests: { sum: () => 5 } })
      // @ts-expect-error text is missing
      typedServer(zod, server).publish('room/lobby', { type: 'said' })
      // @ts-expect-error there is no such topic
      typedServer(zod, server).publish('lobby', { type: 'left' })
      typedRoute(zod, {
        open: async socket => {
          // @ts-expect-error a room has no prices
          socket.publish('room/lobby', { symbol: 'ACME', price: 5 })
          // @ts-expect-error servers do not ask for sums
          await socket.ask('sum', [1, 2])
          // @ts-expect-error it is asked with a question
          await socket.ask('confirm', { query: 'sure?' })
        },
      })
    })
  })

  test('in a contract', () => {
    unrun(() => {
      // @ts-expect-error a text is no schema
      contract({ topics: { 'room/*': 'string' } })
      // @ts-expect-error there is no side `both`
      contract({ requests: { both: {} } })
      // @ts-expect-error it is `reply`
      contract({ requests: { client: { sum: { answer: z.number() } } } })
    })
  })
})

describe('what comes is narrowed', () => {
  test('in a loop over a topic, of Zod, Valibot and ArkType', () => {
    unrun(async () => {
      for await (const { data, passed } of line.topic('room/lobby', { last: 5 })) {
        expectTypeOf(data.type).toEqualTypeOf<'said' | 'left'>()
        expectTypeOf(passed).toEqualTypeOf<number>()
        if (data.type === 'said') expectTypeOf(data.text).toEqualTypeOf<string>()
        // @ts-expect-error who left says nothing
        else void data.text
      }
      for await (const { data } of lines.valibot.topic('room/lobby')) {
        if (data.type === 'said') expectTypeOf(data.text).toEqualTypeOf<string>()
      }
      for await (const { data } of lines.arktype.topic('room/lobby')) {
        if (data.type === 'said') expectTypeOf(data.text).toEqualTypeOf<string>()
      }
    })
  })

  test('of a name that is made of parts', () => {
    unrun((id: string = '') => {
      const topic = line.topic(`room/${id}`)
      topic.on('publication', ({ data }) => data.type === 'said' && expectTypeOf(data.text).toEqualTypeOf<string>())
      void line.publish(`prices/${id}`, { symbol: id, price: 5 })
    })
  })

  test('in members, replies and requests', () => {
    unrun(async () => {
      const topic = line.topic('room/lobby', { presence: true })
      expectTypeOf(topic.members).toEqualTypeOf<ReadonlyMap<string, { name: string }> | undefined>()
      topic.on('presence', ({ join }) => expectTypeOf(join).toEqualTypeOf<Readonly<Record<string, { name: string }>>>())
      expectTypeOf(line.topic('prices/a').members).toEqualTypeOf<ReadonlyMap<string, unknown> | undefined>()
      expectTypeOf(await line.request('sum', [1, 2], { timeout: 5 })).toEqualTypeOf<number>()
      expectTypeOf(await line.request('nothing')).toEqualTypeOf<undefined>()
      line.answer('confirm', ({ question }, { signal }) => question !== '' && !signal.aborted)
    })
  })

  test('on a server, with what `authorize` found', () => {
    typed({
      topics: typedTopics(zod, {
        'room/*': {
          publish: (_socket, topic, data) => {
            expectTypeOf(topic).toEqualTypeOf<`room/${string}`>()
            return data.type === 'left' || data.text !== ''
          },
          presence: { data: () => ({ name: 'Ada' }) },
        },
        'prices/**': { slow: 'latest', key: ({ symbol }) => symbol },
      }),
      routes: {
        '/chat/:room': typedRoute(zod, {
          authorize: () => ({ user: 'Ada' }),
          requests: {
            sum: (socket, numbers, { signal }) => {
              expectTypeOf(socket.data).toEqualTypeOf<{ user: string }>()
              expectTypeOf(numbers).toEqualTypeOf<number[]>()
              return signal.aborted ? 0 : numbers.length
            },
            nothing: (_, data) => expectTypeOf(data).toEqualTypeOf<undefined>(),
          },
          open: async socket => {
            socket.subscribe('room/lobby', { last: 5, every: 500 })
            expectTypeOf(await socket.ask('confirm', { question: 'sure?' }, { timeout: 5 })).toEqualTypeOf<boolean>()
          },
        }),
      },
    })
  })
})

test('what goes over the wire and what arrives differ where a validator changes it', () => {
  const time = z.string().transform(text => new Date(text))
  const dated = contract({
    topics: { times: time },
    requests: { client: { later: { data: time, reply: time } } },
  })
  unrun((dates?: TypedLine<typeof dated>) => {
    void dates?.publish('times', '2026-01-01')
    dates?.topic('times').on('publication', ({ data }) => expectTypeOf(data).toEqualTypeOf<Date>())
    expectTypeOf(dates?.request('later', '2026-01-01')).toEqualTypeOf<Promise<Date> | undefined>()
    typedRoute(dated, {
      requests: {
        later: (_, date) => {
          expectTypeOf(date).toEqualTypeOf<Date>()
          return date.toISOString()
        },
      },
    })
  })
  expectTypeOf<TopicData<typeof dated, 'times'>>().toEqualTypeOf<string>()
  expectTypeOf<FromTopic<typeof zod, 'room/a'>>().toExtend<Said>()
})
