/** From two pulses to what happened between them. */
import type { Pulse } from '../serve/status/wire.ts'

/** A second of what is counted. */
export interface Rates {
  readonly received: number
  readonly sent: number
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Share of one processor. */
  readonly cpu: number
}

/** Undefined where the two are not of one life of one process. */
export function ratesOf(before: Pulse | undefined, now: Pulse): Rates | undefined {
  if (before === undefined || before.pid !== now.pid) return undefined
  const ms = now.stats.uptime - before.stats.uptime
  if (ms <= 0) return undefined
  const each = (of: (pulse: Pulse) => number): number => ((of(now) - of(before)) / ms) * 1_000
  return {
    received: each(({ stats }) => stats.messages.received),
    sent: each(({ stats }) => stats.messages.sent),
    bytesReceived: each(({ stats }) => stats.bytes.received),
    bytesSent: each(({ stats }) => stats.bytes.sent),
    cpu: each(pulse => pulse.process.cpu) / 1_000,
  }
}
