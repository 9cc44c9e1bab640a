/** The figures of one way, from what both processes counted. */
import type { Effort } from '../bench/gauge.ts'
import type { Summary } from '../bench/latency.ts'
import type { Heard } from './clients.ts'
import type { Plan, Way } from './plan.ts'
import type { Memory, Sample, Span } from './server.ts'

/** Bytes at the server's sockets, with all headers and frames. */
export interface Bytes {
  readonly received: number
  readonly sent: number
}

/** As `--json` gives it. Latencies are milliseconds. */
export interface Figures {
  readonly way: string
  readonly title: string
  readonly protocol: 'HTTP/1.1' | 'HTTP/2'
  /** Updates that were published while it was measured, and what became of them at all clients together. */
  readonly published: number
  /** Bytes of an update as JSON, without headers and frames. */
  readonly payload: number
  readonly updates: { readonly received: number; readonly missed: number; readonly late: number }
  /** From the publication of an update until a client has it. */
  readonly latency: Summary | undefined
  /** For each update and client. */
  readonly bytesPerUpdate: Bytes
  /** For each client and second. */
  readonly bytesPerSecond: Bytes
  readonly requests: number
  /** That were open at the end. */
  readonly connections: number
  /** For each client: what it takes until the first update can come. */
  readonly opening: Bytes & { readonly requests: number }
  /** CPU time of the server: cores while it was measured, and microseconds for each update and client. */
  readonly cpu: { readonly cores: number; readonly perUpdate: number }
  /** Bytes of the server's process for each client that is there and hears nothing. */
  readonly memory: Memory
  /** Connections that ended early, and why the first one did. */
  readonly lost: number
  readonly error?: string
  readonly client: Effort
}

/** What was counted. */
export interface Counted {
  readonly empty: { readonly memory: Memory; readonly sample: Sample }
  readonly idle: { readonly memory: Memory; readonly sample: Sample }
  readonly span: Span
  readonly heard: Heard
  readonly effort: Effort
}

export function figuresOf(way: Way, plan: Plan, { empty, idle, span, heard, effort }: Counted): Figures {
  const { clients, duration } = plan
  const deliveries = span.published * clients
  const spent = span.after.cpu - span.before.cpu
  const { received, late, lost, error, latency } = heard
  return {
    way: way.id,
    title: way.title,
    protocol: way.http === 1 ? 'HTTP/1.1' : 'HTTP/2',
    published: span.published,
    payload: span.published === 0 ? 0 : span.payload / span.published,
    updates: { received, missed: Math.max(0, deliveries - received), late },
    latency,
    bytesPerUpdate: bytesBetween(span.before, span.after, deliveries),
    bytesPerSecond: bytesBetween(span.before, span.after, (clients * duration) / 1000),
    requests: span.after.requests - span.before.requests,
    connections: span.after.connections,
    opening: {
      ...bytesBetween(empty.sample, idle.sample, clients),
      requests: (idle.sample.requests - empty.sample.requests) / clients,
    },
    cpu: { cores: spent / duration, perUpdate: deliveries === 0 ? 0 : (spent * 1000) / deliveries },
    memory: {
      rss: (idle.memory.rss - empty.memory.rss) / clients,
      heap: (idle.memory.heap - empty.memory.heap) / clients,
    },
    lost,
    ...(error === undefined ? {} : { error }),
    client: effort,
  }
}

const bytesBetween = (before: Sample, after: Sample, parts: number): Bytes => ({
  received: parts === 0 ? 0 : (after.received - before.received) / parts,
  sent: parts === 0 ? 0 : (after.sent - before.sent) / parts,
})

export const total = ({ received, sent }: Bytes): number => received + sent
