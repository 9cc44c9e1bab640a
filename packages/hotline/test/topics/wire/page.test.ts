/** docs/protocol.md, its schemas and our readers say the same of every message. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readClientMessage } from '../../../src/topics/wire/client-messages.ts'
import { jsonForm } from '../../../src/topics/wire/json.ts'
import { MAX_FAULTS, VERSION, WireClose, WireError } from '../../../src/topics/wire/messages.ts'
import { readServerMessage } from '../../../src/topics/wire/server-messages.ts'
import { exchanges, page, type Step, schemas } from '../page.ts'

const ajv = new Ajv2020()
const readers = { client: readClientMessage, server: readServerMessage }
type End = keyof typeof readers
const ends = ['client', 'server'] as const

/** By who sends and by type. */
const validators = new Map(
  schemas.flatMap(({ schema, from, type }) => {
    const validate = ajv.compile(schema)
    return ends.filter(end => from === end || from === 'both').map(end => [`${end} ${type}`, validate] as const)
  }),
)

const isFault = (end: End, value: unknown): boolean => readers[end](value).type === 'fault'

describe.each([...exchanges])('the exchange "%s"', (_, steps) => {
  const isJson = ({ text }: Step): boolean => text.startsWith('{')
  const messages = steps.filter(isJson)

  test('is of messages that are as its schemas say, or wrong for both', () => {
    for (const { from, text, bytes } of messages) {
      const message = { ...JSON.parse(text), ...(bytes && { data: '' }) }
      const validate = validators.get(`${from} ${message.type}`)
      expect(isFault(from, message), text).toBe(validate === undefined || !validate(message))
    }
  })

  test('is written by the JSON form byte for byte as it stands there', () => {
    for (const { text, bytes } of messages) {
      const wire = bytes === undefined ? text : Buffer.concat([Buffer.from(`${text}\n`), bytes])
      const message = jsonForm.decode(wire)
      expect(message).toEqual({ ...JSON.parse(text), ...(bytes && { data: bytes }) })
      const written = jsonForm.encode(message as object)
      expect(typeof written === 'string' ? written : Buffer.from(written)).toEqual(wire)
    }
  })
})

test('each type of message is in an exchange', () => {
  const shown = new Set([...exchanges.values()].flat().map(({ text }) => /^\{"type":"([a-z]+)"/.exec(text)?.[1]))
  expect(schemas.map(({ type }) => type).filter(type => !shown.has(type))).toEqual([])
})

test('the page has the version, the codes and the bound that the sources have', () => {
  expect(page).toContain(`\`version\` is ${VERSION}.`)
  expect(page).toContain(`after ${MAX_FAULTS} of those in one line`)
  for (const code of Object.values(WireClose)) expect(page).toContain(`| ${code} |`)
  for (const code of Object.values(WireError)) expect(page).toContain(`| \`${code}\` |`)
})

const values = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, 2 ** 53 - 1, 2 ** 53, '', 'a', true, false, null, [], ['a'], [1], {}),
  fc.constantFrom({ epoch: 'e', offset: 0 }, { epoch: 1, offset: 0 }, { offset: 1 }, { epoch: 'e', offset: -1 }),
  fc.constantFrom({ count: 1 }, { count: 1, members: {} }, { count: 1, members: [] }, { members: {} }),
  fc.jsonValue({ maxDepth: 2 }),
)

describe.each([...validators])('%s', (name, validate) => {
  test('is read where its schema has it, and only there', () => {
    const [end = '', type = ''] = name.split(' ')
    const { properties } = schemas.find(({ schema }) => schema.properties.type.const === type)?.schema ?? {}
    const fields = Object.fromEntries(Object.keys(properties ?? {}).map(field => [field, values]))
    const messages = fc.record({ ...fields, type: fc.constant(type), unknown: values }, { requiredKeys: ['type'] })
    fc.assert(
      fc.property(messages, message => {
        expect(isFault(end as End, message)).toBe(!validate(message))
      }),
      { numRuns: 300, seed: 5 },
    )
  })
})
