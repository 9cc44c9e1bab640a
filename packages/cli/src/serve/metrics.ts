/** `/metrics`: what Prometheus asks for, of this server and of its process. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { register } from 'hotline/prometheus'
import type { Server } from 'hotline/server'
import { AggregatorRegistry } from 'prom-client'
import type { Crew, Said } from './crew.ts'
import { bearerOf, isLocal, isSecret } from './guard.ts'
import { type Figures, ProcessMetrics } from './process-metrics.ts'

export class Metrics {
  readonly #token: string | undefined
  readonly #own: ProcessMetrics
  readonly #crew: Crew | undefined

  /**
   * @param token - whoever has it may ask; without, only this machine may
   * @param crew - those that share the port: whichever is asked tells of each of them
   */
  constructor(server: Server, token: string | undefined, crew?: Crew) {
    this.#own = new ProcessMetrics(crew?.number, registry => register(server, registry))
    this.#token = token
    this.#crew = crew
  }

  /** Of this process alone. */
  figures(): Promise<Figures> {
    return this.#own.figures()
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#refusal(request)
    send(response, refusal ?? (await this.#metrics()))
  }

  async #metrics(): Promise<Answer> {
    try {
      const { registry } = this.#own
      const all = this.#crew && joined(await this.#crew.ask({ about: 'metrics' }))
      return [200, await (all ?? registry).metrics(), { 'Content-Type': registry.contentType }]
    } catch (error) {
      return [500, `${(error as Error).message}\n`]
    }
  }

  /** Why not, as an answer. */
  #refusal(request: IncomingMessage): Answer | undefined {
    if (this.#token !== undefined) {
      if (isSecret(this.#token, bearerOf(request.headers))) return undefined
      return [401, 'metrics need Authorization: Bearer and the token of --metrics-token\n', CHALLENGE]
    }
    if (isLocal(request)) return undefined
    return [403, 'metrics are for this machine only, unless --metrics-token gives others a way\n']
  }
}

/**
 * Side by side, each with the label of its worker: a sum would go down, as no counter may, when one of them is replaced or
 * does not answer.
 */
function joined(said: readonly Said[]): ReturnType<typeof AggregatorRegistry.aggregate> {
  const alone = said.map(({ value }) => (value as Figures).map(metric => ({ ...metric, aggregator: 'first' })))
  return AggregatorRegistry.aggregate(alone as object[])
}

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="metrics"' }

type Answer = readonly [status: number, body: string, headers?: OutgoingHttpHeaders]

function send(response: ServerResponse, [status, body, headers]: Answer): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}
