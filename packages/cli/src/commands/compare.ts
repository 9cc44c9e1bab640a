/** `hotline compare`: the same feed by polling, long polling, server-sent events and WebSocket, measured. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { type HeaderSet, type Plan, WAYS, type Way } from '../compare/plan.ts'
import { ExitCode, Failure } from '../exit.ts'
import { seconds, secondsOrNone } from '../values.ts'

interface Options {
  readonly rate: number
  readonly interval: number
  readonly clients: number
  readonly duration: number
  readonly warmup: number
  readonly only: readonly Way[]
  readonly headers: HeaderSet
  readonly json?: string
  readonly svg?: string
  readonly live: boolean
}

const HELP = `
Ways: ${WAYS.map(({ id }) => id).join(', ')}

The ways take turns, each with a fresh server and fresh clients in two processes on this machine. Latency counts from
when an update was published; bytes are those at the server's sockets, with all headers and frames; CPU and memory are
those of the server's process.

Examples:
  $ hotline compare                                        1000 clients, an update a second, a poll a second
  $ hotline compare --rate 20 --clients 200                updates that come faster than polls
  $ hotline compare --rate 0.2 --interval 1 -d 30          updates that are rare
  $ hotline compare --only polling,websocket --headers minimal
  $ hotline compare --json compare.json --svg compare.svg

The report goes to standard output, what there is to see meanwhile to standard error. Ctrl+C ends early, with the ways
that are done.

Exit codes:
  0  done
  1  connections ended early, or it was ended before a way was done
  2  the command line is wrong
  3  a way could not be measured
`

const number = (from: number, to: number, what: string, whole: boolean) => (text: string) => {
  const value = (whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text) ? Number(text) : Number.NaN
  if (!(value >= from && value <= to)) throw new InvalidArgumentError(`It must be ${what} from ${from} to ${to}.`)
  return value
}

/** Names such as `polling,sse-h2`, in the order in which ways are listed. */
function ways(text: string): readonly Way[] {
  const names = text.split(',').map(name => name.trim())
  const unknown = names.find(name => !WAYS.some(({ id }) => id === name))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`It must be names of ways, of ${WAYS.map(({ id }) => id).join(', ')}.`)
  }
  return WAYS.filter(({ id }) => names.includes(id))
}

export function compareCommand(): Command {
  const option = (flags: string, description: string, read: (text: string) => unknown): Option =>
    new Option(flags, description).argParser(read)
  return new Command('compare')
    .description('Compare polling, long polling, server-sent events and WebSocket on one feed of updates.')
    .optionsGroup('What to do:')
    .addOption(
      option('-r, --rate <number>', 'updates a second', number(0.01, 1000, 'updates a second,', false)).default(1),
    )
    .addOption(option('-i, --interval <seconds>', 'between two polls of a client', seconds).default(1000, '1'))
    .addOption(option('-c, --clients <number>', 'how many', number(1, 20_000, 'a number', true)).default(1000))
    .addOption(option('-d, --duration <seconds>', 'how long to measure each way', seconds).default(10_000, '10'))
    .addOption(
      option('--warmup <seconds>', 'of updates before that; an interval at least', secondsOrNone).default(1000, '1'),
    )
    .addOption(option('--only <ways>', 'these ways only, by their names', ways).default(WAYS, 'all'))
    .addOption(
      new Option('--headers <set>', "what clients send: a browser's header fields, or as few as can be")
        .choices(['browser', 'minimal'])
        .default('browser'),
    )
    .optionsGroup('How to show it:')
    .option('--json <file>', 'write the report as JSON; - is standard output, and nothing else is shown')
    .option('--svg <file>', 'write the figures as a picture')
    .option('--no-live', 'show nothing until the report')
    .addHelpText('after', HELP)
    .action(start)
}

async function start(options: Options): Promise<void> {
  const { compare } = await import('../compare/run.ts')
  await compare(planOf(options), options)
}

/** What comes of fewer updates is chance. */
const LEAST_UPDATES = 2
/** What one process can poll, and be asked. */
const MOST_A_SECOND = 20_000

function planOf({ only, rate, interval, clients, duration, warmup, headers }: Options): Plan {
  if ((rate * duration) / 1000 < LEAST_UPDATES)
    throw new Failure(
      ExitCode.usage,
      `at --rate ${rate} fewer than ${LEAST_UPDATES} updates are published in ${duration / 1000} s; raise --rate or --duration`,
    )
  const polls = clients / (interval / 1000)
  if (Math.max(polls, clients * rate) > MOST_A_SECOND)
    throw new Failure(
      ExitCode.usage,
      `${clients} clients at --rate ${rate} and --interval ${interval / 1000} are more than ${MOST_A_SECOND} updates or polls a second, which would measure this machine; lower --clients or --rate, or raise --interval`,
    )
  return { ways: only, rate, interval, clients, duration, warmup, headers }
}
