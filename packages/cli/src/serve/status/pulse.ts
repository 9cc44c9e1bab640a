/** What a server says of itself each second, while somebody looks. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { LoopDelay, Server } from 'hotline/server'
import type { Pulse } from './wire.ts'

/** Milliseconds between two looks of Node's timer, which its figures have in them. */
const RESOLUTION = 10

export class PulseTaker {
  #delays: IntervalHistogram | undefined

  take(server: Server, worker: number): Pulse {
    const { rss, heapUsed: heap } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    return {
      ...{ worker, pid: process.pid, at: Date.now() },
      stats: server.stats(),
      loop: this.#loop(),
      roundTrips: roundTripsOf(server),
      process: { rss, heap, cpu: (user + system) / 1000 },
    }
  }

  stop(): void {
    this.#delays?.disable()
    this.#delays = undefined
  }

  /** Since the pulse before. */
  #loop(): LoopDelay | undefined {
    const delays = this.#delays
    if (delays === undefined) {
      this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION })
      this.#delays.enable()
      return undefined
    }
    if (delays.count === 0) return undefined
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
    const figures = {
      mean: late(delays.mean),
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
    }
    delays.reset()
    return figures
  }
}

function roundTripsOf({ sockets }: Server): Pulse['roundTrips'] {
  const times = Float64Array.from([...sockets].flatMap(({ roundTripTime }) => roundTripTime ?? [])).sort()
  const count = times.length
  if (count === 0) return undefined
  const at = (share: number): number => times[Math.min(count - 1, Math.ceil(count * share) - 1)] ?? 0
  return { count, p50: at(0.5), p99: at(0.99) }
}
