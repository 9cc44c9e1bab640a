/**
 * A thread that does nothing but wait, and tells when something is due: it is some 0.1 ms late where a timer of the
 * event loop, which counts whole milliseconds, is 0.7 (medians on Node 20). What an open loop measures begins there.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { clock } from './clock.ts'
import type { Beat } from './pacer.ts'

const { start, interval } = workerData as Beat
const never = new Int32Array(new SharedArrayBuffer(4))

for (let next = 0; ; ) {
  const now = clock()
  const due = start + next * interval
  if (due > now) {
    Atomics.wait(never, 0, 0, due - now)
    continue
  }
  parentPort?.postMessage(0)
  next = Math.floor((now - start) / interval) + 1
}
