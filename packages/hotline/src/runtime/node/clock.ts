/** Node's clock. Its timers do not keep the process alive: the sockets that they belong to do. */
import type { Clock } from '../../connection/clock.ts'

export const nodeClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return { clear: () => clearTimeout(timer) }
  },
  soon(callback) {
    // Ticks run without the promise reactions between them: a tick that is queued by a reaction runs behind all of them.
    // A reaction costs half of what queueMicrotask does.
    READY.then(() => process.nextTick(callback))
  },
  afterTick(callback) {
    setImmediate(callback)
  },
}

const READY = Promise.resolve()
