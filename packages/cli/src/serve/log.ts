/** The log, on standard error: JSON for programs, lines for people. */
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type LogFormat = 'json' | 'pretty'

export interface LogOptions {
  readonly format: LogFormat
  /** Warnings and errors only. */
  readonly quiet: boolean
  readonly colors: boolean
}

/** Writes synchronously, so that the last lines of a process are not lost. */
export function createLogger({ format, quiet, colors }: LogOptions): Logger {
  const stream =
    format === 'json'
      ? pino.destination({ dest: 2, sync: true })
      : pretty({
          destination: 2,
          sync: true,
          colorize: colors,
          singleLine: true,
          translateTime: 'SYS:HH:MM:ss',
          ignore: 'pid,hostname',
        })
  return pino({ level: quiet ? 'warn' : 'info', base: null }, stream)
}
