/** What may be said to a server, as a document that tools read: AsyncAPI 3.0. https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
import { json } from './codec.ts'
import { Contract } from './contract.ts'
import type { ToJsonSchema } from './json-schema.ts'
import { LineSheet } from './line-sheet.ts'
import { contractOf } from './registry.ts'
import { addressOf, bindingOf, Sheet } from './sheet.ts'

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
 * Describes the routes of a server from their contracts. `receive` is what the server receives. Topics of a contract are
 * channels of their own, in the messages of hotline.1; its requests are operations of the route with a reply.
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
    add(sheet, pattern, route instanceof Contract ? route : contractOf(route), summaries[pattern])
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

function add(sheet: Sheet, pattern: string, contract: Contract | undefined, summary: string | undefined): void {
  const channel = sheet.channelFor(pattern)
  const messages = sheet.plain(channel, contract)
  sheet.channels[channel] = {
    ...addressOf(pattern),
    ...(summary === undefined ? {} : { summary }),
    messages,
    bindings: { ws: bindingOf(contract) },
  }
  if (contract?.hasLines) Object.assign(messages, new LineSheet(sheet, channel).add(contract))
}
