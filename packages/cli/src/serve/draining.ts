/** How `hotline serve` ends: it drains at the first signal, says how far it is, and cuts at the second. */
import { type Command, Option } from 'commander'
import { type CloseOptions, type CloseReport, type Server, UsageError } from 'hotline/server'
import type { Logger } from 'pino'
import { seconds, secondsOrNone } from '../values.ts'

export interface DrainOptions {
  readonly drain?: number
  readonly drainSpread: number
  readonly drainNotice: number
  readonly drainRetry: number
}

/** Milliseconds between two lines of the log about a long drain. */
const PROGRESS = 5_000

export const DRAIN_HELP = `SIGTERM and SIGINT drain: /healthz says 503 and, when --drain-notice is over, new lines are refused
with 503; the open ones close with 1012 over --drain-spread, once their handlers are done. A second
signal cuts. The last line of the log has what came of it.`

export function withDrain(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--drain <seconds>',
        'on SIGTERM, until all ends: 10 more than notice and spread if not given',
      ).argParser(seconds),
    )
    .addOption(
      new Option('--drain-spread <seconds>', 'close the open lines evenly over so long, not all at once')
        .argParser(secondsOrNone)
        .default(0, '0'),
    )
    .addOption(
      new Option('--drain-notice <seconds>', 'serve on for so long while /healthz says 503, until balancers know')
        .argParser(secondsOrNone)
        .default(0, '0'),
    )
    .addOption(
      new Option('--drain-retry <seconds>', 'tell clients not to come back before so long: for one server alone')
        .argParser(secondsOrNone)
        .default(0, '0'),
    )
}

/** @throws UsageError at the start, and not when the signal comes */
export function checkDrain({ drain, drainSpread, drainNotice }: DrainOptions): void {
  if (drain === undefined || drain >= drainSpread + drainNotice) return
  const both = `--drain-notice and --drain-spread, ${(drainSpread + drainNotice) / 1000} seconds together`
  throw new UsageError(`--drain ${drain / 1000} has no room for ${both}`, 'drain')
}

const NAMES = ['SIGTERM', 'SIGINT'] as const

/** Waits for the first signal, drains, and cuts at the second. Signals are heard from the call on. */
export async function drainOnSignal(server: Server, options: DrainOptions, log: Logger): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>(resolve => {
    for (const name of NAMES) process.once(name, () => resolve(name))
  })
  const cut = (): void => {
    log.warn('cutting')
    server.terminate()
  }
  for (const name of NAMES) process.removeAllListeners(name).once(name, cut)
  log.info({ signal, sockets: server.sockets.size, ...closeOptions(options) }, 'draining; a second signal cuts')
  log.info(await drain(server, closeOptions(options), log), 'stopped')
}

/** Closes the server, and says every few seconds how far it is. */
export async function drain(server: Server, options: CloseOptions, log: Logger): Promise<CloseReport> {
  const start = performance.now()
  const progress = setInterval(() => {
    const passed = Math.round((performance.now() - start) / 1000)
    log.info({ sockets: server.sockets.size, seconds: passed }, 'still draining')
  }, PROGRESS)
  try {
    return await server.close(options)
  } finally {
    clearInterval(progress)
  }
}

export const closeOptions = ({ drain, drainSpread, drainNotice, drainRetry }: DrainOptions): CloseOptions => ({
  ...(drain === undefined ? {} : { within: drain }),
  spread: drainSpread,
  notice: drainNotice,
  retryAfter: drainRetry,
})
