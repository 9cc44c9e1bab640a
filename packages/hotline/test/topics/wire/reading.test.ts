/** Wire messages that somebody else made: every one is read, or has a fault that can be answered. */
import { describe, expect, test } from 'vitest'
import { readClientMessage } from '../../../src/topics/wire/client-messages.ts'
import { readServerMessage } from '../../../src/topics/wire/server-messages.ts'

const malformed: [what: string, message: unknown, reason: string, id?: number][] = [
  ['null', null, 'a message must be an object'],
  ['a list', [], 'a message must be an object'],
  ['bytes', new Uint8Array(3), 'a message must be an object'],
  ['a number', 4, 'a message must be an object'],
  ['no type', {}, 'type must be a string'],
  ['a type that is no string', { type: 1, id: 3 }, 'type must be a string', 3],
  ['an id of 0', { type: 'cancel', id: 0 }, 'id of cancel must be a whole number from 1 to 2^53 - 1'],
  ['an id of 2^53', { type: 'cancel', id: 2 ** 53 }, 'id of cancel must be a whole number from 1 to 2^53 - 1'],
  ['an id as text', { type: 'cancel', id: '1' }, 'id of cancel must be a whole number from 1 to 2^53 - 1'],
  ['no topic', { type: 'subscribe', id: 1 }, 'topic of subscribe must be a string', 1],
  ['a publication without data', { type: 'publish', id: 4, topic: 't' }, 'data of publish must be there', 4],
  [
    'a place without an epoch',
    { type: 'subscribe', id: 1, topic: 't', since: { offset: 3 } },
    'since of subscribe must be an object of a string epoch and a whole number offset',
    1,
  ],
  [
    'a place that only its prototype has',
    { type: 'subscribe', id: 1, topic: 't', since: Object.create({ epoch: 'e', offset: 3 }) },
    'since of subscribe must be an object of a string epoch and a whole number offset',
    1,
  ],
]

describe('a client that sends', () => {
  test.each(malformed)('%s is told what is malformed', (_, message, reason, id) => {
    expect(readClientMessage(message)).toEqual({ type: 'fault', code: 'malformed', reason, ...(id && { id }) })
  })

  test.each(['toString', '__proto__', 'constructor', 'welcome', ''])('the type %s is told that it is unknown', type => {
    const message = JSON.parse(`{"type":${JSON.stringify(type)},"id":9}`)
    expect(readClientMessage(message)).toMatchObject({ type: 'fault', code: 'unknown-type', id: 9 })
  })

  test('fields of a prototype has none', () => {
    expect(readClientMessage(Object.create({ type: 'ping' }))).toMatchObject({ reason: 'type must be a string' })
  })

  test('a type of a mebibyte gets a short answer', () => {
    const { reason } = readClientMessage({ type: 'x'.repeat(1_048_576) }) as { reason: string }
    expect(reason.length).toBeLessThan(100)
  })

  test('fields that nobody knows is read', () => {
    expect(readClientMessage({ type: 'ping', more: 1 })).toMatchObject({ type: 'ping' })
  })

  const nested = (levels: number): string => `{"type":"reply","id":2,"data":${'['.repeat(levels)}${']'.repeat(levels)}}`

  test.each([
    [63, 'reply'],
    [64, 'fault'],
    [100_000, 'fault'],
  ])('lists in lists, %i deep, gets a %s', (levels, type) => {
    const json = nested(levels)
    expect(readClientMessage(JSON.parse(json), json.length)).toMatchObject({ type, id: 2 })
    expect(readClientMessage(JSON.parse(json))).toMatchObject({ type, id: 2 })
  })
})

test('a server that sends what only clients send is not understood', () => {
  expect(readServerMessage({ type: 'subscribe', id: 1, topic: 't' })).toMatchObject({ code: 'unknown-type', id: 1 })
})
