/** How `hotline serve` is more than one process: the options, and the engine that a URL names. */
import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Backplane, memoryBackplane } from 'hotline/backplane'
import { ExitCode, Failure } from '../exit.ts'

export interface JoiningOptions {
  readonly workers?: number
  readonly backplane?: string
}

/** More would only wait for each other. */
export const MOST_WORKERS = 128

const FORMS = 'memory, redis://, rediss:// or unix:// for Redis, nats:// or tls:// for NATS'

export const JOINING_HELP = `
With --workers, so many processes share the port, and what is published on one comes to all: the first
process relays between them. With --backplane, servers on any ports and machines are one system by way
of Redis or NATS. Both together work too. Pages whose applications keep their state in one process are
left out then, and say so: the ticker, the game, the comparison.`

export function withJoining(command: Command): Command {
  return command
    .addOption(
      new Option('--workers <number>', `processes that share the port, or auto: one for each core`).argParser(workers),
    )
    .addOption(
      new Option(
        '--backplane <url>',
        `what joins this server with others: ${FORMS}; hosts with commas between them are one cluster`,
      ).env('HOTLINE_BACKPLANE'),
    )
}

function workers(text: string): number {
  if (text === 'auto') return Math.min(MOST_WORKERS, availableParallelism())
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= 1 && number <= MOST_WORKERS))
    throw new InvalidArgumentError(`It must be a number from 1 to ${MOST_WORKERS}, or auto.`)
  return number
}

export const isJoined = ({ workers, backplane }: JoiningOptions): boolean =>
  workers !== undefined || backplane !== undefined

/** The scheme, without anything that may be secret. */
export function schemeOf(url: string): string {
  if (url === 'memory') return url
  const [, scheme = ''] = /^([a-z]+):\/\//i.exec(url) ?? []
  const known = scheme.toLowerCase()
  // The URL may have a password in it: it is not said again.
  if (!(known in ENGINES)) throw new Failure(ExitCode.usage, `--backplane takes ${FORMS}`)
  return known
}

const redis = async (url: string): Promise<Backplane> => (await import('hotline/redis')).redisBackplane(url)
const nats = async (url: string): Promise<Backplane> => (await import('hotline/nats')).natsBackplane(url)

const ENGINES: Readonly<Record<string, (url: string) => Promise<Backplane>>> = {
  memory: async () => memoryBackplane(),
  redis,
  rediss: redis,
  unix: redis,
  nats,
  tls: nats,
}

/** An engine that is not connected to yet. Its code is loaded only when it is asked for. */
export const engineOf = (url: string): Promise<Backplane> =>
  (ENGINES[schemeOf(url)] as (url: string) => Promise<Backplane>)(url)
