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

/** Fewer messages, or fewer microseconds of CPU in ticks of 10 000, say too little: the window goes on, for some seconds. */
const LEAST = { messages: 100, cpu: 200_000, within: 2 }

/**
 * Waits for the warm-up, then for the window.
 * @param {{ warmup: number, seconds: number }} times
 * @param {{ measured: number, other: number }} pids the process whose CPU is asked for, and the one at the other end
 * @param {Counter} counter
 * @returns {Promise<import('./types.ts').Sample>}
 */
export async function measure({ warmup, seconds }, pids, counter) {
  await spend(pids.measured, { cpu: warmup * 1e6, part: warmup / 10, parts: 40 })
  counter.reset()
  const before = { time: performance.now(), measured: cpuOf(pids.measured), other: cpuOf(pids.other) }
  const enough = () => counter.done >= LEAST.messages
  await spend(pids.measured, {
    cpu: LEAST.cpu,
    part: seconds,
    parts: Math.max(1, Math.ceil(LEAST.within / seconds)),
    enough,
  })
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

/**
 * Waits some parts of a time, in seconds, until the process has had so much CPU: compilers need CPU and not time, and on
 * a busy machine they do not get it.
 * @param {number} pid
 * @param {{ cpu: number, part: number, parts: number, enough?: () => boolean }} until
 */
async function spend(pid, { cpu, part, parts, enough = () => true }) {
  const before = cpuOf(pid)
  for (let left = parts; left > 0; left--) {
    await setTimeout(part * 1000)
    const now = cpuOf(pid)
    if (now.user + now.system - before.user - before.system >= cpu && enough()) return
  }
}
