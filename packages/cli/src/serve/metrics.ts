/** `/metrics`: what Prometheus asks for, of this server and of its process. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { register } from 'hotline/prometheus'
import type { Server } from 'hotline/server'
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'
import type { Peers } from './gathering.ts'
import { bearerOf, isLocal, isSecret } from './guard.ts'
import type { Figures } from './orders.ts'

export class Metrics {
  readonly #token: string | undefined
  readonly #server: Server
  /** Made when somebody asks first: the metrics of the process cost a little from then on. */
  #registry: Registry | undefined

  readonly #peers: Pick<Peers, 'figures'> | undefined

  /**
   * @param token - whoever has it may ask; without, only this machine may
   * @param peers - the others that share the port: what is told is of all together
   */
  constructor(server: Server, token: string | undefined, peers?: Pick<Peers, 'figures'>) {
    this.#server = server
    this.#token = token
    this.#peers = peers
  }

  /** Of this process alone. */
  async figures(): Promise<Figures> {
    this.#registry ??= this.#collect()
    return this.#registry.getMetricsAsJSON()
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#refusal(request)
    send(response, refusal ?? (await this.#metrics()))
  }

  async #metrics(): Promise<Answer> {
    this.#registry ??= this.#collect()
    try {
      const all = this.#peers && AggregatorRegistry.aggregate([...(await this.#peers.figures())] as object[])
      return [200, await (all ?? this.#registry).metrics(), { 'Content-Type': this.#registry.contentType }]
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

  #collect(): Registry {
    const registry = new Registry()
    register(this.#server, registry)
    collectDefaultMetrics({ register: registry })
    return registry
  }
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
