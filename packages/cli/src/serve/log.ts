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

/** Where the secrets of a request stand, in case that an error of somebody's code has one with it. */
const NAMES = ['authorization', 'cookie', 'token', 'password', '["set-cookie"]', '["sec-websocket-protocol"]']
const SECRETS = ['', 'headers', 'err', 'err.headers', 'err.request.headers', 'err.cause.headers'].flatMap(owner =>
  NAMES.map(name => (owner === '' || name.startsWith('[') ? owner + name : `${owner}.${name}`)),
)

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
  return pino({ level: quiet ? 'warn' : 'info', base: null, redact: { paths: SECRETS, censor: '[redacted]' } }, stream)
}
