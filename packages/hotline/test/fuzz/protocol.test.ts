/**
 * Random and hostile input for src/protocol: compared with a second reader, and two endpoints in conversation.
 * HOTLINE_RUNS tries more, HOTLINE_SEED repeats what a failure printed.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError, WebSocketError } from '../../src/errors.ts'
import { readResponse } from '../../src/protocol/handshake/client.ts'
import { parseExtensions } from '../../src/protocol/handshake/extensions.ts'
import { Fields } from '../../src/protocol/handshake/fields.ts'
import { readRequest } from '../../src/protocol/handshake/server.ts'
import { parseProtocols } from '../../src/protocol/handshake/subprotocol.ts'
import { Opcode } from '../../src/protocol/opcode.ts'
import { crypto, KEY } from '../protocol/handshake/support.ts'
import {
  codecs,
  endpoint,
  frame,
  join,
  law,
  masked,
  otherEnd,
  receiver,
  roles,
  shape,
  utf8,
} from '../protocol/support.ts'
import type { Told } from '../vectors/vector.ts'
import { readFrames } from './reference.ts'

/** What the next frame is to be: mostly what may come next, now and then anything. */
const turn = fc.record({
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant('data' as const) },
    { weight: 4, arbitrary: fc.constant('control' as const) },
    { weight: 1, arbitrary: fc.constant('any' as const) },
  ),
  opcode: fc.constantFrom(0x1, 0x1, 0x2),
  control: fc.constantFrom(0x88, 0x89, 0x8a),
  final: fc.boolean(),
  any: fc.nat({ max: 255 }),
})
const content = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map(utf8) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 10 }) },
  { weight: 2, arbitrary: fc.constantFrom(95, 96, 125, 126, 127, 200).map(size => new Uint8Array(size).fill(0x61)) },
  { weight: 2, arbitrary: fc.constantFrom('f0', '9f', '98', '80', 'e2 82', 'ac', 'ed').map(text => octets(text)) },
)
const octets = (text: string): Uint8Array => Uint8Array.from(text.split(' '), octet => Number.parseInt(octet, 16))
const key = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

const frames = (client: boolean) =>
  fc.array(fc.tuple(turn, content, key), { maxLength: 12 }).map(turns => {
    let inside = false
    const parts = turns.map(([{ what, opcode, control, final, any }, payload, salt]) => {
      const data = (final ? 0x80 : 0) | (inside ? 0 : opcode)
      if (what === 'data') inside = !final
      const first = what === 'data' ? data : what === 'control' ? control : any
      const plain = frame(first, what === 'control' ? payload.subarray(0, 125) : payload)
      return client ? plain : masked(plain, salt)
    })
    return join(parts)
  })
const stream = (client: boolean) =>
  fc
    .tuple(frames(client), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 2 }), fc.nat({ max: 12 }))
    .map(([bytes, damages, cut]) => {
      if (bytes.length > 0) for (const [at, octet] of damages) bytes[at % bytes.length] = octet
      return bytes.subarray(0, Math.max(0, bytes.length - cut))
    })

for (const [codecName, codec] of codecs)
  describe.each(roles)(`a %s's receiver with the ${codecName} codec`, role => {
    test('tells what the second reader tells, of any stream at any split', () =>
      law(
        fc.property(
          fc.oneof(stream(role === 'client'), frames(role === 'client'), fc.uint8Array({ maxLength: 60 })),
          shape(30),
          (bytes, chunks) => {
            const expected = readFrames(role, [...bytes], 300)
            for (const split of [[0], [1], chunks]) {
              const { notes, read } = receiver(role, { codec, maxMessage: 300 })
              expect(read(bytes, split)).toHaveLength(0)
              expect(notes.told).toEqual(expected)
            }
          },
        ),
        2000,
      ))

    test('stays silent after an error, whatever comes', () =>
      law(
        fc.property(stream(role === 'client'), stream(role === 'client'), (bytes, later) => {
          const { notes, read } = receiver(role, { codec, maxMessage: 300 })
          read(bytes)
          const { length } = notes.told
          if (notes.error === undefined) return
          expect(read(later, [7])).toHaveLength(0)
          expect(notes.told).toHaveLength(length)
        }),
        300,
      ))
  })

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

describe.each(roles)('a %s that meets any bytes', role => {
  test('ends in one of the documented ways, and throws nothing', () =>
    law(
      fc.property(fc.oneof(stream(role === 'client'), stream(role !== 'client')), shape(30), (bytes, chunks) => {
        const { it, diary, sheet, read } = endpoint(role, { maxMessage: 300 })
        expect(read(bytes, chunks)).toHaveLength(0)
        const ends = diary.told.filter(([what]) => what === 'hangup')
        expect(ends).toHaveLength(it.isOpen ? 0 : 1)
        for (const error of diary.errors) expect(error).toBeInstanceOf(ProtocolError)
        expect(diary.errors.length).toBeLessThanOrEqual(1)
        // What is written is always right: the other end can read all of it.
        const other = receiver(otherEnd(role))
        other.read(sheet.take())
        expect(other.notes.error).toBeUndefined()
      }),
      500,
    ))
})

// Header fields that are nearly right.
const name = fc.constantFrom(
  'Host',
  'Upgrade',
  'Connection',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Accept',
  'Content-Length',
  'Transfer-Encoding',
  '__proto__',
  'constructor',
)
const value = fc.oneof(
  fc.constantFrom('websocket', 'Upgrade', '13', KEY, 'a, b', 'a;b="c"', '0', ''),
  fc.string({ unit: fc.constantFrom(...'ab,;="\\ \t1ä'), maxLength: 20 }),
  fc.string({ maxLength: 40 }),
)
const someFields = fc.array(fc.tuple(name, value), { maxLength: 14 }).map(given => new Fields(given))

test('any request is an offer or a refusal with a status that fits', () =>
  law(
    fc.property(someFields, fields => {
      const answer = readRequest({ method: 'GET', httpVersion: '1.1', fields })
      if ('status' in answer) expect([400, 426]).toContain(answer.status)
      else expect(answer.key).toBe(KEY)
    }),
    1000,
  ))

test('any answer is an agreement or a HandshakeError', () =>
  law(
    fc.property(someFields, fc.constantFrom(101, 200, 404), (fields, status) => {
      try {
        readResponse({ status, fields }, { key: KEY, protocols: ['a'], extensions: [] }, crypto)
      } catch (error) {
        expect(error).toBeInstanceOf(WebSocketError)
        expect(error).toMatchObject({ code: 'ERR_HANDSHAKE', status })
      }
    }),
    1000,
  ))

test('any header value is read or refused', () =>
  law(
    fc.property(value, text => {
      parseExtensions(text)
      parseProtocols([text])
    }),
    2000,
  ))
