/** What may be said to a server, as a document that tools read: AsyncAPI 3.0. https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
import { json } from './codec.ts'
import { Contract } from './contract.ts'
import { branchesOf, movedTo, type ToJsonSchema, toJsonSchema } from './json-schema.ts'
import { contractOf } from './registry.ts'
import type { StandardSchema } from './standard.ts'

/** What `asyncApi` takes. */
export interface AsyncApiOptions {
  /** Whose document it is. */
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  /** The routes as `serve` takes them, or contracts by their paths. A route without a contract takes any message. */
  readonly routes: Readonly<Record<string, object>>
  /**
   * Where the server is.
   * @defaultValue nothing is said of it
   */
  readonly servers?: Readonly<Record<string, AsyncApiServer>>
  /**
   * A sentence for each route, by its pattern.
   * @defaultValue none
   */
  readonly summaries?: Readonly<Record<string, string>>
  /**
   * Makes JSON Schema for a validator that cannot do so itself. Zod from 4.2 and ArkType from 2.1.28 can; Valibot's comes
   * from `@valibot/to-json-schema`.
   * @defaultValue the validator's own converter; without one, the document says that there is none
   */
  readonly jsonSchema?: ToJsonSchema
}

/** Where a server is. */
export interface AsyncApiServer {
  /** Such as example.com or 127.0.0.1:8080. */
  readonly host: string
  readonly protocol: 'ws' | 'wss'
  readonly description?: string
}

/** The document, ready for JSON.stringify. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0'
  readonly info: AsyncApiOptions['info']
  readonly defaultContentType: string
  readonly servers?: Readonly<Record<string, AsyncApiServer>>
  readonly channels: Readonly<Record<string, object>>
  readonly operations: Readonly<Record<string, object>>
  readonly components: { readonly messages: object; readonly schemas: object }
}

/**
 * Describes the routes of a server from their contracts. `receive` is what the server receives.
 *
 * @example
 * ```ts
 * import { asyncApi, contract } from 'hotline/contract'
 * import { serve, typedRoute } from 'hotline/server'
 * import { z } from 'zod'
 *
 * const greeter = contract({ client: z.object({ name: z.string() }), server: z.object({ greeting: z.string() }) })
 * const routes = {
 *   '/greet': typedRoute(greeter, { message: (socket, { name }) => socket.send({ greeting: `hello ${name}` }) }),
 * }
 * const document = JSON.stringify(asyncApi({ info: { title: 'Greeter', version: '1.0.0' }, routes }))
 * await using server = await serve({ port: 0, routes, request: (_, response) => response.end(document) })
 * ```
 */
export function asyncApi(options: AsyncApiOptions): AsyncApiDocument {
  const { info, servers, routes, summaries = {}, jsonSchema } = options
  const sheet = new Sheet(jsonSchema)
  for (const [pattern, route] of Object.entries(routes)) {
    sheet.add(pattern, route instanceof Contract ? route : contractOf(route), summaries[pattern])
  }
  const { channels, operations, messages, schemas } = sheet
  return {
    asyncapi: '3.0.0',
    info,
    defaultContentType: json.mediaType,
    ...(servers === undefined ? {} : { servers }),
    channels,
    operations,
    components: { messages, schemas },
  }
}

/** The document while it grows. */
class Sheet {
  readonly channels: Record<string, object> = {}
  readonly operations: Record<string, object> = {}
  readonly messages: Record<string, object> = {}
  readonly schemas: Record<string, unknown> = {}
  readonly #convert: ToJsonSchema | undefined

  constructor(convert: ToJsonSchema | undefined) {
    this.#convert = convert
  }

  add(pattern: string, contract: Contract | undefined, summary: string | undefined): void {
    const channel = unused(pattern.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '') || 'root', this.channels)
    const contentType = contract?.codecFor(contract.protocols[0] ?? '').mediaType ?? ''
    const sides = { client: contract?.client, server: contract?.server }
    const messages: Record<string, object> = {}
    for (const side of ['client', 'server'] as const) {
      const ids =
        contract === undefined ? [this.#any(channel, side)] : this.#side(channel, side, sides[side], contentType)
      if (ids.length === 0) continue
      for (const id of ids) messages[id] = { $ref: `#/components/messages/${channel}.${id}` }
      this.operations[`${channel}.${side === 'client' ? 'receive' : 'send'}`] = {
        action: side === 'client' ? 'receive' : 'send',
        channel: { $ref: `#/channels/${channel}` },
        messages: ids.map(id => ({ $ref: `#/channels/${channel}/messages/${id}` })),
      }
    }
    this.channels[channel] = {
      ...addressOf(pattern),
      ...(summary === undefined ? {} : { summary }),
      messages,
      bindings: { ws: bindingOf(contract) },
    }
  }

  /** A route without a contract. */
  #any(channel: string, side: string): string {
    this.messages[`${channel}.${side}`] = { name: side, description: 'Any message, text or binary.' }
    return side
  }

  /** What one side may say; the ids of its messages. */
  #side(channel: string, side: string, schema: StandardSchema | undefined, contentType: string): string[] {
    if (schema === undefined) return []
    const converted = toJsonSchema(schema, this.#convert)
    const whole = `${channel}.${side}`
    if ('none' in converted) {
      this.messages[whole] = { name: side, contentType, description: converted.none }
      return [side]
    }
    const place = `#/components/schemas/${whole}`
    this.schemas[whole] = movedTo(place, converted.schema)
    return branchesOf(converted.schema, side).map(({ name, pointer }) => {
      const plain = name === side ? side : `${side}.${name.replace(/[^A-Za-z0-9_-]/g, '_')}`
      const id = unused(`${channel}.${plain}`, this.messages)
      this.messages[id] = { name, contentType, payload: { $ref: place + pointer } }
      return id.slice(channel.length + 1)
    })
  }
}

/** The name, with a number where it is taken. */
function unused(name: string, taken: object): string {
  let free = name
  for (let count = 2; Object.hasOwn(taken, free); count++) free = `${name}_${count}`
  return free
}

/** `/chat/:room` is `/chat/{room}`, and a final `*` is `{rest}`. */
function addressOf(pattern: string): { address: string; parameters?: Record<string, object> } {
  const parameters: Record<string, object> = {}
  const segments = pattern.split('/').map(segment => {
    if (!segment.startsWith(':') && segment !== '*') return segment
    const name = unused(segment === '*' ? 'rest' : segment.slice(1).replace(/[^A-Za-z0-9_-]/g, '_'), parameters)
    parameters[name] = segment === '*' ? { description: 'All that follows, slashes included.' } : {}
    return `{${name}}`
  })
  const address = segments.join('/')
  return Object.keys(parameters).length === 0 ? { address } : { address, parameters }
}

/** The WebSocket binding: the opening handshake, with the subprotocols that stand for codecs. */
function bindingOf(contract: Contract | undefined): object {
  const binding = { method: 'GET', bindingVersion: '0.1.0' }
  if (contract === undefined || contract.protocols.length === 0) return binding
  const formats = contract.protocols.map(protocol => `${protocol}: ${contract.codecFor(protocol).mediaType}`)
  const field = {
    type: 'string',
    enum: contract.protocols,
    description: `How messages are written. ${formats.join('; ')}. Without a subprotocol: ${json.mediaType}.`,
  }
  return { ...binding, headers: { type: 'object', properties: { 'Sec-WebSocket-Protocol': field } } }
}
