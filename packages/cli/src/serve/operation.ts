/** What `hotline serve` has for those who run it: metrics and the status page, and who may see them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Command, Option } from 'commander'
import { ExitCode, Failure } from '../exit.ts'
import type { App } from './apps.ts'
import type { Crew, Question } from './crew.ts'
import { Metrics } from './metrics.ts'
import { localToken, Status } from './status/status.ts'

export interface OperationOptions {
  readonly metricsToken?: string
  readonly statusToken?: string
  /** Made at the start, in place of the one before. */
  readonly localToken?: string
}

/** Bytes that a token has at least: who guesses a thousand in a second needs the age of the world. */
const LEAST = 16

export const OPERATION_HELP = `
  /metrics         figures for Prometheus, for this machine or with --metrics-token
  /status          a page that shows how it does, for this machine or with --status-token`

export function withOperation(command: Command): Command {
  return command
    .addOption(
      new Option('--metrics-token <token>', 'let whoever has it read /metrics; without, only this machine may').env(
        'HOTLINE_METRICS_TOKEN',
      ),
    )
    .addOption(
      new Option(
        '--status-token <token>',
        'let whoever has it see /status; without, the log has one for this machine',
      ).env('HOTLINE_STATUS_TOKEN'),
    )
}

/** Not by the parser of the command line, which would print what is wrong: a secret. */
function checkToken(option: string, token: string | undefined): void {
  if (token === undefined || (token.length >= LEAST && /^[\x21-\x7e]+$/.test(token))) return
  throw new Failure(
    ExitCode.usage,
    `${option} must be at least ${LEAST} visible ASCII characters, such as openssl rand -hex 16 gives`,
  )
}

/** With a token for the status page that is for this machine, where none was given; of workers all have the same. */
export const withLocalToken = <O extends OperationOptions>(options: O): O =>
  options.statusToken === undefined ? { ...options, localToken: localToken() } : options

export class Operation {
  readonly #options: OperationOptions
  readonly #crew: Crew | undefined
  readonly #status: Status
  #metrics: Metrics | undefined

  constructor(options: OperationOptions, crew?: Crew) {
    const { metricsToken, statusToken, localToken } = options
    checkToken('--metrics-token', metricsToken)
    checkToken('--status-token', statusToken)
    this.#options = options
    this.#crew = crew
    this.#status = new Status({ token: statusToken, localToken, crew })
  }

  /** Where the status page is, with the token that was made for it; undefined where nobody at this machine gets to it so. */
  statusPage(url: string): string | undefined {
    const { localToken } = this.#options
    return localToken === undefined ? undefined : localAddress(url, localToken)
  }

  /** What this process says of itself. */
  async answer({ about, data }: Question): Promise<unknown> {
    return about === 'metrics' ? ((await this.#metrics?.figures()) ?? []) : this.#status.answer(about, data)
  }

  /** Beside the applications of the showcase, as one of them. */
  get app(): App {
    const { start, ...status } = this.#status.app
    return {
      ...status,
      start: server => {
        this.#metrics = new Metrics(server, this.#options.metricsToken, this.#crew)
        start?.(server)
      },
      request: (request, response) => this.#answer(request, response),
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const [path] = (request.url ?? '').split('?')
    if (path !== '/metrics' || this.#metrics === undefined) return false
    void this.#metrics.answer(request, response)
    return true
  }
}

/** The page's address for a browser on this machine, with the token behind a #, which no server is told. */
function localAddress(url: string, token: string): string | undefined {
  const { hostname, port, protocol } = new URL(url)
  const local = /^(0\.0\.0\.0|\[::\])$/.test(hostname) ? 'localhost' : hostname
  if (!/^(localhost|127\..*|\[::1\])$/.test(local)) return undefined
  return `${protocol.replace('ws', 'http')}//${local}:${port}/status#${token}`
}
