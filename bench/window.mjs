/** One window of time in which messages, CPU and latency are counted, after a warm-up that nobody counts. */
import { setTimeout } from 'node:timers/promises'
import { build } from 'hdr-histogram-js'
import { cpuOf } from './process.mjs'

/** Counts what is done, and how long each took, in microseconds. */
export class Counter {
  done = 0
  latency = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })

  /**
   * @param {number} messages
   * @param {number} since of performance.now()
   */
  add(messages, since) {
    this.done += messages
    const micros = Math.max(1, Math.round((performance.now() - since) * 1000))
    this.latency.recordValueWithCount(micros, messages)
  }

  reset() {
    this.done = 0
    this.latency.reset()
  }
}

/**
 * Waits for the warm-up, then for the window.
 * @param {{ warmup: number, seconds: number }} times
 * @param {{ measured: number, other: number }} pids the process whose CPU is asked for, and the one at the other end
 * @param {Counter} counter
 * @returns {Promise<import('./types.ts').Sample>}
 */
export async function measure({ warmup, seconds }, pids, counter) {
  await setTimeout(warmup * 1000)
  counter.reset()
  const before = { time: performance.now(), measured: cpuOf(pids.measured), other: cpuOf(pids.other) }
  await setTimeout(seconds * 1000)
  const wall = (performance.now() - before.time) * 1000
  const [measured, other] = [cpuOf(pids.measured), cpuOf(pids.other)]
  const { done, latency } = counter
  if (done === 0) throw new Error('not one message came back')
  const user = measured.user - before.measured.user
  const system = measured.system - before.measured.system
  return {
    cpu: (user + system) / done,
    user: user / done,
    system: system / done,
    perSecond: (done / wall) * 1e6,
    p50: latency.getValueAtPercentile(50),
    p99: latency.getValueAtPercentile(99),
    p999: latency.getValueAtPercentile(99.9),
    busy: (user + system) / wall,
    loadBusy: (other.user + other.system - before.other.user - before.other.system) / wall,
  }
}
