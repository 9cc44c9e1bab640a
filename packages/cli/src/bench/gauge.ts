/** How busy the client itself was: without that, nobody knows whom the figures are about. */
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'

export interface Effort {
  /** Milliseconds that were looked at. */
  readonly took: number
  /** The part of them in which this thread's event loop had work, 0 to 1. */
  readonly utilization: number
  /** Cores that the process kept busy, all of its threads together. */
  readonly cores: number
  /** The part of the machine that was busy with anything at all, 0 to 1. */
  readonly machine: number
}

export class Gauge {
  readonly #start = performance.now()
  readonly #loop = performance.eventLoopUtilization()
  readonly #cpu = process.cpuUsage()
  readonly #machine = machine()

  read(): Effort {
    const took = performance.now() - this.#start
    const { user, system } = process.cpuUsage(this.#cpu)
    const now = machine()
    const all = now.all - this.#machine.all
    return {
      took,
      utilization: performance.eventLoopUtilization(this.#loop).utilization,
      cores: (user + system) / 1000 / took,
      machine: all === 0 ? 0 : 1 - (now.idle - this.#machine.idle) / all,
    }
  }
}

function machine(): { idle: number; all: number } {
  let [idle, all] = [0, 0]
  for (const { times } of cpus()) {
    idle += times.idle
    all += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { idle, all }
}
