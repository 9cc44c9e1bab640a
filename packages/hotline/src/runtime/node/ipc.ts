/** The channel between a process and the one that started it, from both ends. */
import type { ChildProcess, Serializable } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'

export type { ChildProcess }

/** Carries values to another process, in order. */
export interface Port {
  /** `sent` is called when the system has taken it, or never will; not inside of the call. */
  send(message: unknown, sent: () => void): void
  /** Begins to listen; what it returns ends that. */
  listen(hear: (message: unknown) => void, closed: () => void): () => void
}

/** The channel to the process that started this one; undefined when there is none. */
export const parentPort = (): Port | undefined =>
  process.send === undefined || !process.connected ? undefined : portOf(process)

export const childPort = (child: ChildProcess): Port => portOf(child)

/** Calls back with each worker of node:cluster, those that are there included; what it returns ends that. */
export function eachWorker(found: (port: Port, isNew: boolean) => void): () => void {
  const forked = ({ process }: Worker): void => found(portOf(process), true)
  for (const worker of Object.values(cluster.workers ?? {}))
    if (worker?.isConnected()) found(portOf(worker.process), false)
  cluster.on('fork', forked)
  return () => void cluster.off('fork', forked)
}

/** What both ends of a channel have. */
interface Process {
  readonly connected: boolean
  send?: ((message: Serializable, sent: (error: Error | null) => void) => boolean) | undefined
  on(event: string, listener: (value: unknown) => void): unknown
  off(event: string, listener: (value: unknown) => void): unknown
}

function portOf(process: Process): Port {
  return {
    send(message, sent) {
      if (process.connected) process.send?.(message as Serializable, () => sent())
    },
    listen(hear, closed) {
      process.on('message', hear)
      process.on('disconnect', closed)
      return () => {
        process.off('message', hear)
        process.off('disconnect', closed)
      }
    },
  }
}
