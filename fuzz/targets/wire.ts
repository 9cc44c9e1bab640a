/** Messages of hotline.1, as text and as bytes, against a second reading of docs/protocol.md. */
import { isDeepStrictEqual } from 'node:util'
import { decode, encode } from 'msgpackr'
import { readClientMessage } from '../../packages/hotline/src/topics/wire/client-messages.ts'
import { jsonForm } from '../../packages/hotline/src/topics/wire/json.ts'
import { msgpackForm } from '../../packages/hotline/src/topics/wire/msgpack.ts'
import { readServerMessage } from '../../packages/hotline/src/topics/wire/server-messages.ts'
import { join, utf8 } from '../engine/bytes.ts'
import type { Random } from '../engine/random.ts'
import { INTERESTING } from '../engine/random.ts'
import { claim, type Target } from '../engine/target.ts'
import { plainWire, TABLES } from '../reference/wire.ts'

const VALUES = [
  '""',
  '"a/b"',
  '"*"',
  'true',
  'false',
  'null',
  '[]',
  '["a"]',
  '[1]',
  '{}',
  '-1',
  '0.5',
  '1e400',
  '{"epoch":"e","offset":1}',
  '{"epoch":"e"}',
  '{"epoch":"e","offset":-1}',
  '{"count":2}',
  '{"count":2,"members":{}}',
  '{"count":2,"members":[]}',
  '{"__proto__":{"count":1}}',
]

const someValue = (random: Random): string => {
  if (random.oneIn(3)) return `${random.pick(INTERESTING)}`
  if (random.oneIn(40)) return deep(random.pick([509, 510, 511, 512, 513, 600]))
  return random.pick(VALUES)
}

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** One that its schema may have: each field is right as often as not. */
function someMessage(random: Random): string {
  const [type, fields] = random.pick(Object.entries(TABLES[random.pick(['client', 'server'] as const)]))
  const parts = [`"type":${JSON.stringify(random.oneIn(12) ? random.pick(['', 'toString', '__proto__']) : type)}`]
  for (const [name, passes] of Object.entries(fields)) {
    if (random.oneIn(name.endsWith('?') ? 2 : 12)) continue
    let value = someValue(random)
    for (let tries = 0; tries < 20 && !passes(JSON.parse(value)); tries++) value = someValue(random)
    parts.push(`"${name.replace('?', '')}":${value}`)
  }
  if (random.oneIn(6)) parts.push(`"more":${someValue(random)}`)
  return `{${parts.join(',')}}`
}

/** As JSON has it: without the sign of a zero, without what is no number; bytes as a list. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : part)))

const msgpack = msgpackForm({ encode, decode })

/** What is decoded has the same fate by both readings; what is a message is written, and read again as it was. */
function judge(value: unknown, size: number): void {
  for (const [from, message] of [
    ['client', readClientMessage(value, size)],
    ['server', readServerMessage(value)],
  ] as const) {
    const got = message.type === 'fault' ? message.code : 'message'
    claim(got === plainWire(from, value), `a message of a ${from} is read as the page says`, value, got)
    if (message.type === 'fault') {
      claim(message.reason.length < 200, 'the reason of a fault is short', message.reason)
      continue
    }
    const again = jsonForm.decode(jsonForm.encode(message))
    claim(isDeepStrictEqual(plain(again), plain(value)), 'what is written is read as it was', value, again)
  }
}

export const wire: Target = {
  name: 'wire',
  about: 'messages of hotline.1, text and binary: a second reading of docs/protocol.md, and written again',
  longest: 4000,

  make(random) {
    const message = utf8(someMessage(random))
    return random.oneIn(3) ? join([message, [0x0a], random.bytes(random.size(40))]) : message
  },

  run(input) {
    const text = new TextDecoder().decode(input)
    for (const data of [text, input]) {
      const value = jsonForm.decode(data)
      if (value !== undefined) judge(value, data.length)
    }
    const packed = msgpack.decode(input)
    if (packed !== undefined) for (const read of [readClientMessage, readServerMessage]) read(packed)
  },
}
