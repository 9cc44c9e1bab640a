/** The AsyncAPI document of a server: the official parser takes it, and it says what the contracts say. */
import { type AsyncAPIDocumentInterface, type ChannelInterface, Parser } from '@asyncapi/parser'
import * as msgpack from '@msgpack/msgpack'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asyncApi, contract, json, messagePack } from '../../src/contract/index.ts'
import { typedRoute } from '../../src/server/index.ts'
import { schemas } from '../topics/page.ts'
import * as lines from './lines.ts'
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
const unconverted = v.string()

const info = { title: 'Chat', version: '1.0.0' }

/** One document for all claims: the parser takes a second for each. */
const source = asyncApi({
  info,
  servers: { main: { host: 'example.com', protocol: 'wss' } },
  summaries: { '/': 'All of it.' },
  jsonSchema: schema =>
    schema['~standard'].vendor === 'valibot' && schema !== unconverted
      ? toStandardJsonSchema(schema as v.GenericSchema)['~standard'].jsonSchema.input({ target: 'draft-07' })
      : undefined,
  routes: {
    '/': plain,
    '/zod/:room': typedRoute(zod, {}),
    '/arktype/:room': typedRoute(arktype, {}),
    '/valibot/:room': typedRoute(valibot, {}),
    '/unconverted': contract({ client: unconverted }),
    '/dated': contract({ client: z.object({ at: z.date() }) }),
    '/trees': contract({ client: tree, server: z.object({ name, other: name }) }),
    '/packed': contract({ client: z.string(), codecs }),
    '/news': contract({ server: z.string() }),
    '/a-b': plain,
    '/a_b': plain,
    '/files/*': plain,
    '/:id/:a.b': plain,
    '/lines/zod': typedRoute(lines.zod, {}),
    '/lines/valibot': typedRoute(lines.valibot, {}),
    '/lines/arktype': typedRoute(lines.arktype, {}),
    '/lines/odd': contract({
      client: z.object({ type: z.literal('publish') }),
      codecs,
      messagePack: msgpack,
      topics: { client: z.string(), 'a b': z.date(), a_b: z.string(), '*/*/**': z.string(), '**': unconverted },
      requests: { client: { 'what?': {}, what_: {} }, server: { what_: { data: unconverted } } },
    }),
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

const replyOf = (operation: string) => {
  const found = document.operations().get(operation) ?? expect.unreachable(operation)
  return {
    action: found.action(),
    asked: named(found.messages()),
    replies: named(found.reply()?.messages() ?? { all: () => [] }),
  }
}

/** What the second half of a payload, behind the envelope of hotline.1, says of a field. */
const fieldOf = (id: string, message: string, field: string): unknown => {
  const found = channel(id).messages().get(message) ?? expect.unreachable(message)
  const [envelope, own] = found.payload()?.allOf() ?? []
  expect(envelope?.title()).toMatch(/: (publish|publication|presence|request|reply)$/)
  return own?.property(field)?.json()
}

describe.each(['zod', 'valibot', 'arktype'])('lines of hotline.1 by a contract of %s', validator => {
  const route = `lines_${validator}`

  test('are opened by the subprotocol', () => {
    const binding: unknown = channel(route).bindings().get('ws')?.value()
    expect(binding).toMatchObject({ headers: { properties: { 'Sec-WebSocket-Protocol': { enum: ['hotline.1'] } } } })
  })

  test('have their topics as channels, by patterns as addresses', () => {
    expect(channel(`${route}.room`).address()).toBe('room/{segment}')
    expect(channel(`${route}.prices`).address()).toBe('prices/{rest}')
    expect(
      channel(`${route}.room`)
        .parameters()
        .all()
        .map(parameter => parameter.id()),
    ).toEqual(['segment'])
    expect(replyOf(`${route}.room.receive`)).toEqual({
      action: 'receive',
      asked: ['publish'],
      replies: ['published', 'error'],
    })
    expect(replyOf(`${route}.room.send`)).toEqual({ action: 'send', asked: ['publication', 'presence'], replies: [] })
    expect(replyOf(`${route}.prices.send`)).toEqual({ action: 'send', asked: ['publication'], replies: [] })
    expect(fieldOf(`${route}.prices`, 'publication', 'data')).toMatchObject({
      properties: { price: { type: 'number' } },
    })
    expect(fieldOf(`${route}.room`, 'presence', 'members')).toMatchObject({
      additionalProperties: { properties: { name: { type: 'string' } } },
    })
  })

  test('have their requests as operations with a reply', () => {
    expect(replyOf(`${route}.request.sum`)).toEqual({
      action: 'receive',
      asked: ['request'],
      replies: ['reply', 'error'],
    })
    expect(replyOf(`${route}.request.confirm`)).toMatchObject({ action: 'send' })
    expect(fieldOf(route, 'request.sum', 'name')).toEqual({ const: 'sum' })
    expect(fieldOf(route, 'request.sum', 'data')).toMatchObject({ type: 'array' })
    expect(fieldOf(route, 'request.confirm.reply', 'data')).toMatchObject({ type: 'boolean' })
    const asked = channel(route).messages().get('request.sum')
    expect(asked?.correlationId()?.location()).toBe('$message.payload#/id')
  })
})

test('names that are taken, and schemas that there are not, have their place in lines too', () => {
  const binding: unknown = channel('lines_odd').bindings().get('ws')?.value()
  const protocols = ['hotline.1.msgpack', 'hotline.1', 'chat.msgpack', 'chat.json']
  expect(binding).toMatchObject({ headers: { properties: { 'Sec-WebSocket-Protocol': { enum: protocols } } } })
  const topics = document
    .channels()
    .all()
    .filter(one => one.id().startsWith('lines_odd.'))
  expect(topics.map(one => [one.id(), one.address()])).toEqual([
    ['lines_odd.client', 'client'],
    ['lines_odd.a_b', 'a b'],
    ['lines_odd.a_b_2', 'a_b'],
    ['lines_odd.all', '{segment}/{segment_2}/{rest}'],
    ['lines_odd.all_2', '{rest}'],
  ])
  expect(fieldOf('lines_odd.a_b', 'publish', 'data')).toEqual({ description: expect.stringMatching(/zod says "Date/) })
  expect(fieldOf('lines_odd.all_2', 'publish', 'data')).toEqual({ description: expect.stringMatching(/valibot/) })
  expect(fieldOf('lines_odd', 'request.what_', 'name')).toEqual({ const: 'what?' })
  expect(fieldOf('lines_odd', 'request.what__2', 'name')).toEqual({ const: 'what_' })
  expect(fieldOf('lines_odd', 'request.what__3', 'name')).toEqual({ const: 'what_' })
  const plain = channel('lines_odd').messages().get('client.publish')
  expect(plain?.payload()?.property('type')?.const()).toBe('publish')
  expect(fieldOf('lines_odd.client', 'publish', 'data')).toMatchObject({ type: 'string' })
})

test('the messages of hotline.1 are those of its specification', () => {
  const told = Object.entries(source.components.schemas).filter(([name]) => name.startsWith('hotline.1.'))
  expect(told.map(([name]) => name).sort()).toEqual(
    ['error', 'notice', 'presence', 'publication', 'publish', 'published', 'reply', 'request'].map(
      type => `hotline.1.${type}`,
    ),
  )
  for (const [name, schema] of told) {
    const type = name.slice('hotline.1.'.length)
    expect(schema).toEqual(schemas.find(one => one.type === type)?.schema)
  }
})
