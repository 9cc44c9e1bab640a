/** One contract in the words of three validators, so that each claim about contracts is made of all of them. */
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { contract } from '../../src/contract/index.ts'

export const zod = contract({
  client: z.discriminatedUnion('type', [
    z.object({ type: z.literal('say'), text: z.string(), tags: z.array(z.object({ name: z.string() })).optional() }),
    z.object({ type: z.literal('leave') }),
  ]),
  server: z.object({ type: z.literal('said'), by: z.string(), text: z.string() }),
})

export const valibot = contract({
  client: v.variant('type', [
    v.object({
      type: v.literal('say'),
      text: v.string(),
      tags: v.optional(v.array(v.object({ name: v.string() }))),
    }),
    v.object({ type: v.literal('leave') }),
  ]),
  server: v.object({ type: v.literal('said'), by: v.string(), text: v.string() }),
})

export const arktype = contract({
  client: type({ type: "'say'", text: 'string', 'tags?': type({ name: 'string' }).array() }).or({ type: "'leave'" }),
  server: type({ type: "'said'", by: 'string', text: 'string' }),
})

export const validators = { zod, valibot, arktype }
