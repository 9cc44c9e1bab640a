/** `hotline bench`: load on any WebSocket server that sends back what it gets, and how it bears it. */
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { openLoopPipeline, type Plan } from '../bench/plan.ts'
import { type Connecting, withConnecting } from '../connecting.ts'
import { ExitCode, Failure } from '../exit.ts'
import { seconds, secondsOrNone, size } from '../values.ts'

interface Options extends Connecting {
  readonly connections: number
  readonly pipeline?: number
  readonly size: number
  readonly binary?: true
  readonly rate?: number
  readonly duration: number
  readonly warmup: number
  readonly ramp: number
  readonly threads: number
  readonly deflate?: true
  readonly timeout: number
  readonly json?: string
  readonly live: boolean
}

const HELP = `
Each connection keeps --pipeline messages in flight: an answer is what sends the next one (closed loop).
With --rate, messages leave at fixed times whatever the server does (open loop), and the latency of each counts from
the time at which it was due, so that a server that stalls cannot hide it.

Examples:
  $ hotline bench ws://127.0.0.1:8080/echo                           50 connections for 10 seconds
  $ hotline bench ws://127.0.0.1:8080/echo -c 1000 --ramp 5          more of them, opened over 5 seconds
  $ hotline bench ws://127.0.0.1:8080/echo --pipeline 32 --threads 2 as much as goes through
  $ hotline bench ws://127.0.0.1:8080/echo --rate 5000 -d 30         how long answers take at 5000 messages a second
  $ hotline bench wss://127.0.0.1:8443/echo --insecure --deflate --size 1KiB
  $ hotline bench ws://127.0.0.1:8080/echo --json - | jq .latency

The report goes to standard output, what there is to see meanwhile to standard error. Ctrl+C ends early, with a report.

Exit codes:
  0  done
  1  the server is no echo, left messages without an answer, or ended connections
  2  the command line is wrong
  3  could not connect
`

const number = (from: number, to: number, what: string) => (text: string) => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= from && value <= to)) throw new InvalidArgumentError(`It must be ${what} from ${from} to ${to}.`)
  return value
}

function rate(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value > 0 && value <= 10_000_000))
    throw new InvalidArgumentError('It must be messages a second, above 0 and up to 10000000.')
  return value
}

export function benchCommand(): Command {
  const option = (flags: string, description: string, read: (text: string) => unknown): Option =>
    new Option(flags, description).argParser(read)
  const command = new Command('bench')
    .description('Load a WebSocket server that sends back what it gets, and measure it.')
    .argument('<url>', 'ws://, wss://, http:// or https://')
    .optionsGroup('What to do:')
    .addOption(option('-c, --connections <number>', 'how many', number(1, 100_000, 'a number')).default(50))
    .addOption(
      option(
        '--pipeline <number>',
        'messages in flight on each connection (default: 1; with --rate, what memory bears)',
        number(1, 100_000, 'a number'),
      ),
    )
    .addOption(option('-s, --size <size>', 'of a message: bytes, or such as 64KiB', size).default(64))
    .addOption(new Option('--text', 'send text, which is JSON (default)').conflicts('binary'))
    .option('--binary', 'send bytes, which are random')
    .addOption(option('-r, --rate <number>', 'messages a second in all: the open loop', rate))
    .addOption(option('-d, --duration <seconds>', 'how long to measure', seconds).default(10_000, '10'))
    .addOption(
      option('--warmup <seconds>', 'load before that, which is not measured', secondsOrNone).default(1000, '1'),
    )
    .addOption(
      option('--ramp <seconds>', 'open the connections over so long', secondsOrNone).default(0, '0: 100 at a time'),
    )
    .option('--deflate', 'offer compression, and compress every message where the server agrees')
    .addOption(option('--threads <number>', 'threads of this client', number(1, 256, 'a number')).default(1))
    .addOption(
      option('--timeout <seconds>', 'how long connecting, or an answer, may take', seconds).default(10_000, '10'),
    )
    .optionsGroup('How to show it:')
    .option('--json <file>', 'write the report as JSON; - is standard output, and nothing else is shown')
    .option('--no-live', 'show nothing until the report')
  return withConnecting(command).addHelpText('after', HELP).action(start)
}

async function start(url: string, options: Options): Promise<void> {
  const { bench } = await import('../bench/run.ts')
  await bench(planOf(url, options), options)
}

/** What all connections may have in flight: beyond that this machine would be what is measured. */
const MEMORY = 2 * 1_073_741_824

function planOf(url: string, options: Options): Plan {
  const { connections, size, rate, threads, binary = false, deflate = false } = options
  const { duration, warmup, ramp, timeout, header, protocol, origin, ca, insecure } = options
  const pipeline = options.pipeline ?? (rate === undefined ? 1 : openLoopPipeline(connections, size))
  if (connections * pipeline * size > MEMORY)
    throw new Failure(
      ExitCode.usage,
      `${connections} connections with ${pipeline} messages of ${size} bytes in flight are more than 2 GiB; lower --connections, --pipeline or --size`,
    )
  if (threads > Math.min(connections, 4 * availableParallelism()))
    throw new Failure(
      ExitCode.usage,
      `--threads ${threads} is more than there are connections, or than this machine can run; it has ${availableParallelism()} cores`,
    )
  const connecting = Object.fromEntries(
    Object.entries({ header, protocol, origin, ca, insecure }).filter(([, value]) => value !== undefined),
  )
  return {
    url,
    connections,
    pipeline,
    size,
    binary,
    rate,
    ramp,
    warmup,
    duration,
    timeout,
    deflate,
    threads,
    connecting,
  }
}
