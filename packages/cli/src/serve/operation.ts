/** What `hotline serve` has for those who run it: metrics, and who may see them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Command, Option } from 'commander'
import type { Server } from 'hotline/server'
import { ExitCode, Failure } from '../exit.ts'
import type { App } from './apps.ts'
import { Metrics } from './metrics.ts'

export interface OperationOptions {
  readonly metricsToken?: string
}

/** Bytes that a token has at least: who guesses a thousand in a second needs the age of the world. */
const LEAST = 16

export const OPERATION_HELP = `
  /metrics         figures for Prometheus, for this machine or with --metrics-token`

export function withOperation(command: Command): Command {
  return command.addOption(
    new Option('--metrics-token <token>', 'let whoever has it read /metrics; without, only this machine may').env(
      'HOTLINE_METRICS_TOKEN',
    ),
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

/** Beside the applications of the showcase, as one of them. */
export function operationOf({ metricsToken }: OperationOptions): App {
  checkToken('--metrics-token', metricsToken)
  let metrics: Metrics | undefined
  return {
    routes: {},
    start(server: Server) {
      metrics = new Metrics(server, metricsToken)
    },
    request(request: IncomingMessage, response: ServerResponse) {
      const [path] = (request.url ?? '').split('?')
      if (path !== '/metrics' || metrics === undefined) return false
      void metrics.answer(request, response)
      return true
    },
  }
}
