/** Ctrl+C and SIGTERM: the first one ends a run early, and what it came to is still told. */
import { setMaxListeners } from 'node:events'
import { ExitCode } from './exit.ts'

/**
 * Aborted by the first signal.
 * @param again - what the second one does; it ends the process by default
 */
export function interruption(again: () => void = () => process.exit(ExitCode.failed)): AbortSignal {
  const first = new AbortController()
  // Each part of a run may listen, and Node warns of more than ten.
  setMaxListeners(0, first.signal)
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (first.signal.aborted) again()
      first.abort()
    })
  }
  return first.signal
}
