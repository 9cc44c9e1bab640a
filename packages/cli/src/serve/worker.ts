/** One of the workers of `hotline serve --workers`: it serves as the process that started it says, and ends when that says so. */
import { clusterBackplane } from 'hotline/cluster'
import type { Server } from 'hotline/server'
import type { Logger } from 'pino'
import { logOf, type Options, relaysFor, start } from '../commands/serve.ts'
import { verdictOn } from '../verdict.ts'
import { type Apps, loadApps } from './apps.ts'
import { Peers, type Question } from './crew.ts'
import { closeOptions, drain } from './draining.ts'
import { engineOf } from './joining.ts'
import { Operation } from './operation.ts'
import { isOurs, type Order, type Start, type Word } from './orders.ts'

/** One that serves. */
interface Serving {
  readonly server: Server
  readonly apps: Apps
  readonly log: Logger
  readonly options: Options
  readonly operation: Operation
}

let serving: Promise<Serving> | undefined
let workers = 1
const peers = new Peers((want, question) => say({ hotline: 'serve', want, question }))
let draining = false

// Those of a terminal go to all processes: the one that started this says what is to be done.
process.on('SIGINT', () => {})
// And those of a system that ends whole groups: only that one knows whether all are to go, or this one alone.
process.on('SIGTERM', () => say({ hotline: 'serve', leaves: true }))
process.on('message', message => isOurs(message) && obey(message as Order<Options>))

// What was said before anybody listened is lost.
say({ hotline: 'serve', ready: true })

function obey(order: Order<Options>): void {
  if ('start' in order) serving = begin(order.start)
  else if ('serving' in order) workers = order.serving
  else if ('drain' in order) void end(order.drain === 'one')
  else if ('ask' in order) void answer(order.ask, order.question)
  else if ('told' in order) peers.answered(order.of, order.told)
  else void serving?.then(({ server }) => server.terminate())
}

async function begin({ options, certificate, worker }: Start<Options>): Promise<Serving> {
  try {
    const log = logOf(options).child({ worker })
    const operation = new Operation(options, { number: worker, ask: question => peers.ask(question) })
    const apps = await loadApps(true, operation.app)
    const backplane = relaysFor(options) ? clusterBackplane() : await engineOf(options.backplane as string)
    const crew = () => ({ worker, workers })
    const server = await start(options, apps, log, { certificate, backplane, crew })
    say({ hotline: 'serve', listening: server.url as string, port: server.port as number })
    return { server, apps, log, options, operation }
  } catch (error) {
    const { text, exitCode } = verdictOn(error, 'hotline serve')
    await new Promise<void>(resolve => say({ hotline: 'serve', failed: text, exitCode }, resolve))
    process.exit(exitCode)
  }
}

/** What this one has to say of itself, for one of them that was asked about all. */
async function answer(of: number, question: Question): Promise<void> {
  const value = await (await serving)?.operation.answer(question)
  say({ hotline: 'serve', value, of })
}

/** Drains, once, and leaves. One that goes alone listens no more: newcomers are for the others, and are refused by nobody. */
async function end(alone: boolean): Promise<void> {
  if (draining) return
  draining = true
  if (serving !== undefined) {
    const { server, apps, log, options } = await serving
    if (alone) server.http.close()
    log.info(await drain(server, closeOptions(options), log), 'stopped')
    apps.stop()
  }
  process.disconnect()
}

function say(word: Word, said = (): void => {}): void {
  process.send?.(word, said)
}
