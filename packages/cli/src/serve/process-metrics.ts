/** Metrics of this process, and of what else is registered, as prom-client has them. */
import { collectDefaultMetrics, Registry } from 'prom-client'

/** Of one process, so that they can be sent to another. */
export type Figures = readonly object[]

export class ProcessMetrics {
  readonly #worker: number | string | undefined
  readonly #more: ((registry: Registry) => void) | undefined
  /** Made when somebody asks first: the metrics of a process cost a little from then on. */
  #registry: Registry | undefined

  /**
   * @param worker - which of several processes it is: a label of all metrics
   * @param more - registers others beside them
   */
  constructor(worker: number | string | undefined, more?: (registry: Registry) => void) {
    this.#worker = worker
    this.#more = more
  }

  get registry(): Registry {
    this.#registry ??= this.#collect()
    return this.#registry
  }

  async figures(): Promise<Figures> {
    return this.registry.getMetricsAsJSON()
  }

  #collect(): Registry {
    const registry = new Registry()
    if (this.#worker !== undefined) registry.setDefaultLabels({ worker: String(this.#worker) })
    this.#more?.(registry)
    collectDefaultMetrics({ register: registry })
    return registry
  }
}
