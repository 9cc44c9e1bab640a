/** `hotline connect`: talk to any WebSocket server, by hand or from a script. */
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { Command, Option } from 'commander'
import {
  type ClientSocket,
  CloseCode,
  type Closed,
  ClosedError,
  type Data,
  openSocket,
  UsageError,
  WebSocketError,
} from 'hotline/client'
import { colorsFor } from '../colors.ts'
import { explain } from '../connect/explain.ts'
import { type Outlet, StreamOutlet } from '../connect/outlet.ts'
import { harmless, JsonPrinter, PlainPrinter, type Printer } from '../connect/printer.ts'
import { runScript, type Outcome as ScriptOutcome } from '../connect/script.ts'
import { completions, Session } from '../connect/session.ts'
import { Terminal } from '../connect/terminal.ts'
import { type Connecting, openOptions, withConnecting } from '../connecting.ts'
import { ExitCode, Failure } from '../exit.ts'
import { readBytes } from '../files.ts'
import { interruption } from '../interruption.ts'
import { count, hex, seconds, secondsOrForever, size } from '../values.ts'

interface Options extends Connecting {
  readonly wait?: number
  readonly count?: number
  readonly ping?: true
  readonly pretty?: true
  readonly json?: true
  readonly verbose?: true
  readonly maxMessage?: number
  readonly timeout: number
}

interface Outcome extends ScriptOutcome {
  /** False when a pong was asked for and did not come. */
  readonly ponged: boolean
}

const HELP = `
On a terminal, each line that you type is a message; /help lists what else you can do.
From a script, what --send and the like name is sent, or each line of standard input when they name nothing.
Then it stays for --wait or until --count; without both, until nothing has come for a second.

Examples:
  $ hotline connect ws://127.0.0.1:8080/echo                        by hand
  $ hotline connect ws://127.0.0.1:8080/echo --send hello --count 1 send, print the answer, leave
  $ hotline connect wss://example.com/feed --pretty --wait forever  watch a feed
  $ cat lines.txt | hotline connect ws://127.0.0.1:8080/rooms/a     each line a message
  $ hotline connect wss://example.com/ -H 'Authorization: Bearer abc' --verbose
  $ hotline connect wss://127.0.0.1:8080/echo --insecure --ping     a certificate of your own

Received text goes to standard output, bytes as a hex dump, --json as one object a line; the rest to standard error.

Exit codes:
  0  done
  1  fewer messages than --count came, or the line was lost, or closed by the server with an error code
  2  the command line is wrong
  3  could not connect
`

export function connectCommand(): Command {
  const outgoing: Data[] = []
  const sending = (flags: string, description: string, read: (text: string) => Data): Option =>
    new Option(flags, description).argParser(text => void outgoing.push(read(text)))
  const command = new Command('connect')
    .description('Talk to a WebSocket server.')
    .argument('<url>', 'ws://, wss://, http:// or https://')
    .optionsGroup('What to do:')
    .addOption(sending('-s, --send <text>', 'send text; may be repeated', text => text))
    .addOption(sending('--send-binary <hex>', "send bytes such as '00 ff 7a'; may be repeated", hex))
    .addOption(
      sending('--send-file <file>', 'send the bytes of a file; may be repeated', file =>
        readBytes('--send-file', file),
      ),
    )
    .option('-n, --count <number>', 'leave when so many messages have come', count)
    .option('-w, --wait <seconds>', 'leave so long after the last message was sent; or forever', secondsOrForever)
    .option('--ping', 'ping, and show the round-trip time')
    .optionsGroup('How to show it:')
    .option('--pretty', 'lay out JSON')
    .addOption(new Option('--json', 'one JSON object for each event').conflicts('pretty'))
    .option('-v, --verbose', 'show the handshake and the end')
  return withConnecting(command)
    .addOption(
      new Option('--max-message <size>', 'largest message to take: bytes, or such as 64KiB (default: 64MiB)').argParser(
        size,
      ),
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long connecting, or a pong, may take')
        .argParser(seconds)
        .default(10_000, '10'),
    )
    .addHelpText('after', HELP)
    .action((url: string, options: Options) => connect(url, options, outgoing))
}

async function connect(url: string, options: Options, outgoing: readonly Data[]): Promise<void> {
  const socket = await open(url, options)
  const asked = outgoing.length > 0 || options.ping === true
  const byHand = process.stdin.isTTY && !asked && options.count === undefined && options.wait === undefined
  const interrupted = interruption(() => socket.terminate())
  try {
    const outcome = byHand
      ? await byTerminal(socket, options, interrupted)
      : await byScript(socket, options, asked ? outgoing : typedLines(), interrupted)
    judge(options, outcome, await socket.closed, interrupted.aborted)
  } finally {
    process.stdin.destroy()
  }
}

async function open(url: string, options: Options): Promise<ClientSocket> {
  try {
    const { maxMessage, timeout } = options
    return await openSocket(url, {
      ...openOptions(options),
      handshakeTimeout: timeout,
      ...(maxMessage === undefined ? {} : { maxMessage }),
    })
  } catch (error) {
    if (!(error instanceof WebSocketError) || error instanceof UsageError) throw error
    await printerFor(new StreamOutlet(process.stdout, process.stderr), options).failed(error)
    throw new Failure(ExitCode.unreachable, explain(error, new URL(url)))
  }
}

/** `byHand` is true for the printer of a conversation at the prompt. */
function printerFor(outlet: Outlet, options: Options, byHand = false): Printer {
  const { pretty = false, json = false, verbose = false } = options
  if (json) return new JsonPrinter(outlet, verbose)
  return new PlainPrinter(outlet, {
    pretty,
    handshake: verbose,
    end: verbose || byHand,
    terminal: process.stdout.isTTY === true,
    colors: colorsFor(process.stdout),
    noteColors: colorsFor(process.stderr),
  })
}

async function byTerminal(socket: ClientSocket, options: Options, interrupted: AbortSignal): Promise<Outcome> {
  const { stdin: input, stdout: out, stderr } = process
  const terminal = new Terminal({ input, out, screen: out.isTTY ? out : stderr }, completions)
  const printer = printerFor(terminal, options, true)
  interrupted.addEventListener('abort', () => terminal.close())
  await printer.opened(socket)
  terminal.note(colorsFor(stderr).dim(`connected to ${socket.url}; /help lists what you can do, Ctrl-D leaves`))
  const ours = await new Session(socket, terminal, printer).run()
  await printer.closed(await socket.closed)
  return { received: 0, ours, ponged: true }
}

async function byScript(
  socket: ClientSocket,
  options: Options,
  outgoing: AsyncIterable<Data> | Iterable<Data>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { count, wait, ping, timeout, protocol = [] } = options
  const outlet = new StreamOutlet(process.stdout, process.stderr)
  const printer = printerFor(outlet, options)
  await printer.opened(socket)
  if (protocol.length > 0 && socket.protocol === '') outlet.note('the server chose none of the subprotocols')
  let ponged = ping === undefined
  const pinged = async (): Promise<void> => {
    await printer.pong(await pong(socket, timeout))
    ponged = true
  }
  const pingOnly = ping && count === undefined && Array.isArray(outgoing) && outgoing.length === 0
  const outcome = await runScript(socket, outgoing, printer, {
    count,
    wait: wait ?? (pingOnly ? 0 : undefined),
    signal,
    ...(ping ? { ready: pinged() } : {}),
  })
  await printer.closed(await socket.closed)
  return { ...outcome, ponged }
}

/** Rejects with ClosedError when the line ends first: how it ended says more. */
async function pong(socket: ClientSocket, within: number): Promise<number> {
  const over = new AbortController()
  const late = setTimeout(within, undefined, { signal: over.signal })
  try {
    const milliseconds = await Promise.race([socket.ping(), late])
    if (milliseconds !== undefined) return milliseconds
  } catch (error) {
    if (error instanceof ClosedError) throw error
    throw new Failure(ExitCode.failed, `no pong: ${(error as Error).message}`)
  } finally {
    over.abort()
  }
  socket.terminate()
  throw new Failure(ExitCode.failed, `no pong within ${within / 1000} s (--timeout)`)
}

async function* typedLines(): AsyncIterable<string> {
  yield* createInterface({ input: process.stdin, terminal: false })
}

/** Codes with which a server says that all is well. RFC 6455 §7.4.1 */
const WELL: readonly number[] = [CloseCode.normal, CloseCode.goingAway, CloseCode.noStatus]

/** Throws a Failure when something was missing, or the line did not end well. */
function judge(
  { count = 0, wait }: Options,
  { received, ours, ponged }: Outcome,
  { code, reason, clean, error }: Closed,
  interrupted: boolean,
): void {
  const told = `closed with ${code}${reason === '' ? '' : ` ${harmless(reason)}`}`
  const end = clean ? `the server ${told}` : `the line was lost: ${error?.message ?? told}`
  const well = ours || (clean && WELL.includes(code))
  if (received < count) {
    const until = interrupted ? 'before the signal' : ours ? `within ${(wait ?? 0) / 1000} s` : `before ${end}`
    throw new Failure(ExitCode.failed, `${received} of ${count} messages came ${until}`)
  }
  if (!well) throw new Failure(ExitCode.failed, end)
  if (!ponged) throw new Failure(ExitCode.failed, `no pong came before ${interrupted ? 'the signal' : end}`)
}
