/** What a run is to do, in a form that threads can be given. Times are milliseconds, sizes are bytes. */
import type { Connecting } from '../connecting.ts'

export interface Plan {
  readonly url: string
  readonly connections: number
  /** The most messages that each connection has in flight. */
  readonly pipeline: number
  readonly size: number
  readonly binary: boolean
  /** Messages a second in all: the open loop. Undefined: the closed loop, where an answer is what sends the next message. */
  readonly rate: number | undefined
  readonly ramp: number
  readonly warmup: number
  readonly duration: number
  /** How long connecting, and an answer, may take. */
  readonly timeout: number
  readonly deflate: boolean
  readonly threads: number
  readonly connecting: Connecting
}

/** One thread's part of a plan. */
export interface Share {
  readonly plan: Plan
  /** The number of this thread, from 0 on. */
  readonly thread: number
}

/** This thread's connections are those whose number is `thread` modulo `threads`. */
export const connectionsOf = ({ plan, thread }: Share): number => Math.ceil((plan.connections - thread) / plan.threads)

/** The bytes that an open loop may have in flight when `--pipeline` does not say. */
const IN_FLIGHT_BYTES = 64 * 1_048_576

/** In an open loop users do not wait for each other, so only memory bounds what is in flight. */
export const openLoopPipeline = (connections: number, size: number): number =>
  Math.min(1000, Math.max(1, Math.floor(IN_FLIGHT_BYTES / (connections * size))))
