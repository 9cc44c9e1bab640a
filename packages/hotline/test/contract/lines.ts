/** One contract of topics and requests in the words of three validators. */
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { contract } from '../../src/contract/index.ts'

export const zod = contract({
  topics: {
    'room/*': {
      data: z.discriminatedUnion('type', [
        z.object({
          type: z.literal('said'),
          text: z.string(),
          tags: z.array(z.object({ name: z.string() })).optional(),
        }),
        z.object({ type: z.literal('left') }),
      ]),
      presence: z.object({ name: z.string() }),
    },
    'prices/**': z.object({ symbol: z.string(), price: z.number() }),
  },
  requests: {
    client: { sum: { data: z.array(z.number()), reply: z.number() }, nothing: {} },
    server: { confirm: { data: z.object({ question: z.string() }), reply: z.boolean() } },
  },
})

export const valibot = contract({
  topics: {
    'room/*': {
      data: v.variant('type', [
        v.object({
          type: v.literal('said'),
          text: v.string(),
          tags: v.optional(v.array(v.object({ name: v.string() }))),
        }),
        v.object({ type: v.literal('left') }),
      ]),
      presence: v.object({ name: v.string() }),
    },
    'prices/**': v.object({ symbol: v.string(), price: v.number() }),
  },
  requests: {
    client: { sum: { data: v.array(v.number()), reply: v.number() }, nothing: {} },
    server: { confirm: { data: v.object({ question: v.string() }), reply: v.boolean() } },
  },
})

export const arktype = contract({
  topics: {
    'room/*': {
      data: type({ type: "'said'", text: 'string', 'tags?': type({ name: 'string' }).array() }).or({ type: "'left'" }),
      presence: type({ name: 'string' }),
    },
    'prices/**': type({ symbol: 'string', price: 'number' }),
  },
  requests: {
    client: { sum: { data: type('number[]'), reply: type('number') }, nothing: {} },
    server: { confirm: { data: type({ question: 'string' }), reply: type('boolean') } },
  },
})

export const validators = { zod, valibot, arktype }
