/**
 * Two endpoints in conversation, at random. HOTLINE_RUNS tries more, HOTLINE_SEED repeats what a failure printed. Each end by
 * itself, beside a model, is a target of `npm run fuzz`.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Opcode } from '../../src/protocol/opcode.ts'
import { endpoint, join, law, roles } from '../protocol/support.ts'
import type { Told } from '../vectors/vector.ts'

// One end does what it likes, the other too, and the wire delivers in pieces of any size.
const step = fc.oneof(
  fc.record({ do: fc.constant('text' as const), data: fc.string({ unit: 'binary', maxLength: 50 }) }),
  fc.record({ do: fc.constant('binary' as const), data: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ do: fc.constant('ping' as const), data: fc.uint8Array({ maxLength: 125 }) }),
  fc.record({ do: fc.constant('close' as const), data: fc.constantFrom(1000, 1001, 3000, 4999, undefined) }),
  fc.record({ do: fc.constant('deliver' as const), data: fc.nat({ max: 300 }) }),
  fc.record({ do: fc.constant('congest' as const), data: fc.boolean() }),
)

test('two endpoints understand each other to the end, whatever they do and however the bytes travel', () =>
  law(
    fc.property(fc.array(fc.tuple(fc.boolean(), step), { maxLength: 60 }), steps => {
      const ends = roles.map(role => ({ ...endpoint(role), sent: [] as Told[], wire: new Uint8Array(0) }))
      const [client, server] = ends as [(typeof ends)[number], (typeof ends)[number]]
      const deliver = (from: typeof client, most: number): void => {
        const to = from === client ? server : client
        from.wire = join([from.wire, from.sheet.take()])
        const taken = from.wire.slice(0, most)
        from.wire = from.wire.slice(most)
        to.read(taken)
      }
      for (const [isClient, { do: what, data }] of steps) {
        const end = isClient ? client : server
        if (what === 'deliver') deliver(end, data)
        else if (what === 'congest') {
          end.sheet.congested = data
          if (!data) end.it.drained()
        } else if (what === 'close') end.it.close(data)
        else if (!end.it.isOpen) continue
        else if (what === 'ping') end.it.ping(data)
        else if (what === 'text') {
          end.it.sendText(data)
          end.sent.push(['text', data])
        } else {
          end.it.sendBinary(data, Opcode.binary)
          end.sent.push(['binary', [...data].map(octet => octet.toString(16).padStart(2, '0')).join(' ')])
        }
      }
      client.it.close(1000)
      for (let i = 0; i < 3; i++) for (const end of ends) deliver(end, Number.POSITIVE_INFINITY)
      for (const end of ends) {
        const other = end === client ? server : client
        expect(end.it.state.phase).toBe('closed')
        expect(end.diary.errors).toEqual([])
        expect(end.diary.told.at(-1)).toEqual(['hangup'])
        const got = end.diary.told.filter(([what]) => what === 'text' || what === 'binary')
        expect(got).toEqual(other.sent.slice(0, got.length))
      }
    }),
    300,
  ))
