/** The AsyncAPI document of a server: the official parser takes it, and it says what the contracts say. */
import { type AsyncAPIDocumentInterface, type ChannelInterface, Parser } from '@asyncapi/parser'
import * as msgpack from '@msgpack/msgpack'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asyncApi, contract, json, messagePack } from '../../src/contract/index.ts'
import { typedRoute } from '../../src/server/index.ts'
import { arktype, valibot, zod } from './validators.ts'

const name = z.string().max(20).meta({ id: 'Name' })
const tree: z.ZodType = z.object({
  type: z.literal('tree'),
  name,
  get children() {
    return z.array(tree)
  },
})
const codecs = { 'chat.msgpack': messagePack(msgpack), 'chat.json': json }
const plain = { message: () => {} }

const info = { title: 'Chat', version: '1.0.0' }

/** One document for all claims: the parser takes a second for each. */
const source = asyncApi({
  info,
  servers: { main: { host: 'example.com', protocol: 'wss' } },
  summaries: { '/': 'All of it.' },
  jsonSchema: schema =>
    schema === valibot.client || schema === valibot.server
      ? toStandardJsonSchema(schema as v.GenericSchema)['~standard'].jsonSchema.input({ target: 'draft-07' })
      : undefined,
  routes: {
    '/': plain,
    '/zod/:room': typedRoute(zod, {}),
    '/arktype/:room': typedRoute(arktype, {}),
    '/valibot/:room': typedRoute(valibot, {}),
    '/unconverted': contract({ client: v.string() }),
    '/dated': contract({ client: z.object({ at: z.date() }) }),
    '/trees': contract({ client: tree, server: z.object({ name, other: name }) }),
    '/packed': contract({ client: z.string(), codecs }),
    '/news': contract({ server: z.string() }),
    '/a-b': plain,
    '/a_b': plain,
    '/files/*': plain,
    '/:id/:a.b': plain,
  },
})

let document: AsyncAPIDocumentInterface
beforeAll(async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(source))
  const errors = diagnostics.filter(({ severity }) => severity === 0)
  if (parsed === undefined || errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 2))
  document = parsed
})

const channel = (id: string): ChannelInterface => document.channels().get(id) ?? expect.unreachable(id)

const named = (messages: { all(): { name(): string | undefined }[] }): (string | undefined)[] =>
  messages.all().map(message => message.name())

describe.each(['zod', 'arktype', 'valibot'])('a contract of %s', validator => {
  test('has the messages of each side by name, with their schemas', () => {
    const chat = channel(`${validator}_room`)
    expect(chat.address()).toBe(`/${validator}/{room}`)
    const parameters = chat.parameters().all()
    expect(parameters.map(parameter => parameter.id())).toEqual(['room'])
    const [receive, send] = chat.operations().all()
    expect([receive?.action(), receive && named(receive.messages())]).toEqual(['receive', ['say', 'leave']])
    expect([send?.action(), send && named(send.messages())]).toEqual(['send', ['said']])
    const said = send?.messages().all()[0]?.payload()?.properties() ?? {}
    expect(Object.keys(said).sort()).toEqual(['by', 'text', 'type'])
  })
})

test('where there is no JSON Schema, the document says so', () => {
  const [text] = channel('unconverted').messages().all()
  expect(text?.description()).toBe('There is no JSON Schema of it: its validator (valibot) makes none.')
  expect(text?.payload()).toBeUndefined()
  const [dated] = channel('dated').messages().all()
  expect(dated?.description()).toMatch(/^There is no JSON Schema of it: zod says "Date/)
})

test('a schema may refer to itself, and to what several parts of it share', () => {
  const [fromClient, fromServer] = channel('trees').messages().all()
  expect(fromClient?.payload()?.property('children')?.type()).toBe('array')
  expect(fromServer?.payload()?.property('other')?.maxLength()).toBe(20)
})

test('codecs are subprotocols, and content types', () => {
  const packed = channel('packed')
  expect(packed.messages().all()[0]?.contentType()).toBe('application/vnd.msgpack')
  const binding: unknown = packed.bindings().get('ws')?.value()
  const field = { enum: ['chat.msgpack', 'chat.json'] }
  expect(binding).toMatchObject({ headers: { properties: { 'Sec-WebSocket-Protocol': field } } })
})

const idsOf = (client: z.ZodType): string[] => {
  const { messages } = asyncApi({ info, routes: { '/': contract({ client }) } }).components
  return Object.keys(messages)
}

test.each<[string, z.ZodType, string[]]>([
  ['no discriminator', z.union([z.string(), z.object({ a: z.string() })]), ['root.client']],
  [
    'the same name twice',
    z.union([z.object({ t: z.literal('a'), b: z.number() }), z.object({ t: z.literal('a') })]),
    ['root.client'],
  ],
  [
    'names that no id can have',
    z.union([z.object({ t: z.literal('a b') }), z.object({ t: z.literal('a/b') })]),
    ['root.client.a_b', 'root.client.a_b_2'],
  ],
])('a union with %s has these messages', (_what, union, ids) => expect(idsOf(union)).toEqual(ids))

test('a route without a contract takes and says any message', () => {
  expect(channel('root').json('summary')).toBe('All of it.')
  expect(named(channel('root').messages())).toEqual(['client', 'server'])
})

test.each([
  ['a_b', '/a-b'],
  ['a_b_2', '/a_b'],
  ['files', '/files/{rest}'],
  ['id_a_b', '/{id}/{a_b}'],
])('%s is the channel of %s', (id, address) => expect(channel(id).address()).toBe(address))

test('a side that says nothing has no operation', () => {
  const operations = channel('news').operations().all()
  expect(operations.map(operation => operation.action())).toEqual(['send'])
})

test('the server is where it is', () => expect(document.servers().get('main')?.url()).toBe('wss://example.com/'))
