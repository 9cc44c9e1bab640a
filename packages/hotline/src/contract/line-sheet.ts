/** What a contract says of lines of hotline.1, in an AsyncAPI document: topics are channels, requests operations with a reply. */
import { json } from './codec.ts'
import type { Contract } from './contract.ts'
import { ENVELOPES } from './envelopes.ts'
import type { JsonSchema } from './json-schema.ts'
import type { RequestParts } from './requests.ts'
import { type MessageRefs, type Sheet, topicAddressOf, unused } from './sheet.ts'
import { schemasOf, type TopicSchemas } from './topics.ts'

/** What answers carry the id of. */
const CORRELATION = {
  location: '$message.payload#/id',
  description: 'An answer has the id of what it answers.',
}

type Type = keyof typeof ENVELOPES

export class LineSheet {
  readonly #sheet: Sheet
  /** The channel of the route. */
  readonly #channel: string

  constructor(sheet: Sheet, channel: string) {
    this.#sheet = sheet
    this.#channel = channel
  }

  /** Adds the topics of the contract as channels; gives the messages of its requests and of the server, which are the route's own. */
  add(contract: Contract): MessageRefs {
    for (const [pattern, part] of Object.entries(contract.topics ?? {})) this.#topic(pattern, schemasOf(part))
    const messages: MessageRefs = { notice: this.#shared('notice') }
    this.#sheet.operations[`${this.#channel}.notice`] = this.#sheet.operation('send', this.#channel, ['notice'])
    for (const side of ['client', 'server'] as const) {
      const action = side === 'client' ? 'receive' : 'send'
      for (const [name, parts] of Object.entries(contract.requests?.[side] ?? {})) {
        this.#request(messages, action, name, parts)
      }
    }
    return messages
  }

  #topic(pattern: string, { data, presence }: TopicSchemas): void {
    const sheet = this.#sheet
    const channel = sheet.channelFor(pattern, `${this.#channel}.`)
    const carried = { topic: { description: pattern }, data: sheet.schema(`${channel}.data`, data) }
    const messages: MessageRefs = {
      publish: this.#message(`${channel}.publish`, 'publish', carried),
      publication: this.#message(`${channel}.publication`, 'publication', carried),
      published: this.#shared('published'),
      error: this.#shared('error'),
    }
    if (presence !== undefined) {
      const members = { type: 'object', additionalProperties: sheet.schema(`${channel}.presence`, presence) }
      messages['presence'] = this.#message(`${channel}.presence`, 'presence', { members, join: members })
    }
    const sent = presence === undefined ? ['publication'] : ['publication', 'presence']
    sheet.operations[`${channel}.receive`] = sheet.operation('receive', channel, ['publish'], ['published', 'error'])
    sheet.operations[`${channel}.send`] = sheet.operation('send', channel, sent)
    sheet.channels[channel] = {
      ...topicAddressOf(pattern),
      title: `Topics ${pattern}`,
      description: `By hotline.1, on lines that were opened at the channel ${this.#channel}, as far as the server lets a client.`,
      messages,
    }
  }

  #request(messages: MessageRefs, action: 'receive' | 'send', name: string, parts: RequestParts): void {
    const sheet = this.#sheet
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '_')
    const operation = unused(`${this.#channel}.request.${plain}`, sheet.operations)
    const id = operation.slice(this.#channel.length + 1)
    const data = parts.data && { data: sheet.schema(`${operation}.data`, parts.data) }
    const reply = parts.reply && { data: sheet.schema(`${operation}.reply`, parts.reply) }
    messages[id] = this.#message(operation, 'request', { name: { const: name }, ...data }, data && ['data'])
    messages[`${id}.reply`] = this.#message(`${operation}.reply`, 'reply', { ...reply }, reply && ['data'])
    messages['error'] ??= this.#shared('error')
    sheet.operations[operation] = sheet.operation(action, this.#channel, [id], [`${id}.reply`, 'error'])
  }

  /** A message of hotline.1 with what the contract says of its fields. */
  #message(
    name: string,
    type: Type,
    properties: Readonly<Record<string, JsonSchema>>,
    required?: string[],
  ): { $ref: string } {
    const { messages } = this.#sheet
    const own = { properties, ...(required && { required }) }
    const free = unused(name, messages)
    messages[free] = { ...this.#head(type), payload: { allOf: [this.#envelope(type), own] } }
    return { $ref: `#/components/messages/${free}` }
  }

  /** A message of hotline.1 as it is. */
  #shared(type: Type): { $ref: string } {
    this.#sheet.messages[`hotline.1.${type}`] ??= { ...this.#head(type), payload: this.#envelope(type) }
    return { $ref: `#/components/messages/hotline.1.${type}` }
  }

  #head(type: Type): object {
    const answered = 'id' in (ENVELOPES[type]['properties'] as object)
    return { name: type, contentType: json.mediaType, ...(answered && { correlationId: CORRELATION }) }
  }

  #envelope(type: Type): { $ref: string } {
    this.#sheet.schemas[`hotline.1.${type}`] = ENVELOPES[type]
    return { $ref: `#/components/schemas/hotline.1.${type}` }
  }
}
