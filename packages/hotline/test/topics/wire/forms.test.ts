/** Both forms carry every message, bytes among them, and say when something is not theirs. */

import { decode, ExtData, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readClientMessage } from '../../../src/topics/wire/client-messages.ts'
import { jsonForm } from '../../../src/topics/wire/json.ts'
import { msgpackForm } from '../../../src/topics/wire/msgpack.ts'

const forms = { JSON: jsonForm, MessagePack: msgpackForm({ encode, decode }) }

/** Without -0, which JSON has not, and __proto__, which encoders of MessagePack keep out. */
const data = fc
  .oneof(fc.jsonValue({ maxDepth: 3 }), fc.uint8Array({ maxLength: 40 }))
  .filter(value => value instanceof Uint8Array || !/-0|__proto__/.test(`${JSON.stringify(value)}${String(value)}`))

describe.each(Object.entries(forms))('%s', (_, form) => {
  test('gives back what was put into it', () => {
    fc.assert(
      fc.property(data, fc.nat(), fc.string(), (data, id, topic) => {
        const message = { type: 'publish', id, topic, data }
        const read = form.decode(form.encode(message)) as typeof message
        const bytes = data instanceof Uint8Array && { data: Uint8Array.from(read.data as Uint8Array) }
        expect({ ...read, ...bytes }).toEqual(structuredClone(message))
      }),
      { numRuns: 200, seed: 5 },
    )
  })
})

describe('the JSON form', () => {
  test('has bytes as they are behind a line feed', () => {
    const written = jsonForm.encode({ type: 'reply', id: 1, data: Uint8Array.of(10, 0, 255) })
    expect(Buffer.from(written as Uint8Array).toString('latin1')).toBe('{"type":"reply","id":1}\n\n\0\xff')
  })

  test.each([
    ['text that is no JSON', 'nonsense'],
    ['text with a byte order mark', '\ufeff{"type":"ping"}'],
    ['no text', ''],
    ['bytes without a line feed', Buffer.from('{"type":"ping"}')],
    ['bytes that are no UTF-8', Buffer.from('{"type":"\xff"}\n', 'latin1')],
    ['no bytes', new Uint8Array(0)],
  ])('does not take %s', (_, wire) => {
    expect(jsonForm.decode(wire)).toBeUndefined()
  })

  test.each(['[]', 'null', '5'])('%s before bytes is no message, which is answered as such', head => {
    const message = jsonForm.decode(Buffer.from(`${head}\n`))
    expect(readClientMessage(message, 10)).toMatchObject({ type: 'fault', code: 'malformed' })
  })

  test('keeps what is named __proto__ a field', () => {
    const message = jsonForm.decode(Buffer.from('{"type":"reply","id":1,"__proto__":{"data":1}}\n')) as object
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype)
  })
})

describe('the MessagePack form', () => {
  test.each([
    ['text', '{"type":"ping"}'],
    ['no bytes', new Uint8Array(0)],
    ['a map that breaks off', encode({ type: 'ping' }).subarray(0, 4)],
    ['two values', Buffer.concat([encode({ type: 'ping' }), encode(1)])],
  ])('does not take %s', (_, wire) => {
    expect(forms.MessagePack.decode(wire)).toBeUndefined()
  })

  test.each([
    ['a list', 'dd01ffffff'],
    ['a list of 16 bits', 'dcffff'],
    ['a map', 'df01ffffff'],
    ['a map of 16 bits', 'deffff'],
    ['a small list', '9f01'],
    ['a small map', '8f01'],
    ['bytes', 'c6ffffffff'],
    ['an extension', 'c9ffffffff01'],
    ['lists in lists, which are each short enough', '9290939393'],
    ['a list behind a text', '92a161dd01ffffff'],
  ])('does not show its decoder %s that says that it is longer than the message', (_, hex) => {
    const seen: Uint8Array[] = []
    const form = msgpackForm({ encode, decode: bytes => seen.push(bytes) })
    expect(form.decode(Buffer.from(hex, 'hex'))).toBeUndefined()
    expect(seen).toEqual([])
  })

  test('takes values of every size', () => {
    const sizes = [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536]
    const values = sizes.flatMap(size => [
      'x'.repeat(size),
      new Uint8Array(size),
      new ExtData(1, new Uint8Array(size)),
      new Array(size).fill(-1),
      Object.fromEntries(Array.from({ length: size }, (_, at) => [`k${at}`, at])),
    ])
    const numbers = [0, 127, 128, 255, 256, 65_536, 2 ** 33, -32, -33, -129, -32_769, -(2 ** 33), 0.5]
    const more = [null, true, false, ...numbers, new Date(0), new Date(0.5), new Date(2 ** 45), 2 ** 31, -(2 ** 31)]
    const extensions = [1, 2, 4, 8, 16].map(size => new ExtData(2, new Uint8Array(size)))
    for (const data of [...values, ...more, ...extensions, [values, more]]) {
      const bytes = encode({ type: 'reply', id: 1, data })
      expect(Buffer.compare(encode(forms.MessagePack.decode(bytes)), bytes)).toBe(0)
    }
  })
})
