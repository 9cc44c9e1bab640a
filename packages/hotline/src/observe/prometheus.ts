/** `hotline/prometheus`: the figures of a server in a registry of prom-client. */
import { METRICS, type Metric, type Value } from './metrics.ts'
import type { ServerStats } from './stats.ts'

/** A registry of prom-client, as far as it is needed here: this module imports nothing. */
export interface PrometheusRegistry {
  registerMetric(metric: never): void
}

/** A server, or what gives the figures of one. */
export interface Observable {
  stats(): ServerStats
}

/**
 * Adds the metrics of a server to a registry of prom-client. They are read when the registry is asked, all in one look;
 * between two looks nothing is done. The dashboard docs/grafana/hotline.json shows them. docs/guide/observing.md has their
 * table.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { register } from 'hotline/prometheus'
 * import { serve } from 'hotline/server'
 * import { Registry } from 'prom-client'
 *
 * await using server = await serve({ port: 0, routes: {} })
 * const registry = new Registry()
 * register(server, registry)
 *
 * // For Prometheus alone, on a port that the world does not reach.
 * const metrics = createServer(async (_request, response) => {
 *   response.setHeader('Content-Type', registry.contentType).end(await registry.metrics())
 * })
 * metrics.listen(0, '127.0.0.1')
 * ```
 */
export function register(server: Observable, registry: PrometheusRegistry): void {
  const look = once(() => server.stats())
  for (const metric of METRICS) registry.registerMetric(new Read(metric, look) as never)
}

/** A metric that is read and not counted: what prom-client asks of each of its own. */
class Read {
  readonly name: string
  readonly help: string
  readonly type: Metric['type']
  readonly aggregator: Metric['together']
  readonly #values: () => readonly Value[]

  constructor({ name, help, type, together, values }: Metric, look: () => ServerStats) {
    this.name = name
    this.help = help
    this.type = type
    this.aggregator = together
    this.#values = () => values(look())
  }

  async get(): Promise<object> {
    const { name, help, type, aggregator } = this
    return { name, help, type, aggregator, values: this.#values() }
  }

  /** What is read is nobody's to set back. */
  reset(): void {}
}

/** A registry asks all its metrics in one go: they are given one look. */
function once(look: () => ServerStats): () => ServerStats {
  let stats: ServerStats | undefined
  return () => {
    if (stats !== undefined) return stats
    queueMicrotask(() => (stats = undefined))
    stats = look()
    return stats
  }
}
