/** The command line: which commands there are, and how each way of going wrong ends. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { UsageError, WebSocketError } from 'hotline'
import { colorsFor, hasColors } from './colors.ts'
import { benchCommand } from './commands/bench.ts'
import { compareCommand } from './commands/compare.ts'
import { connectCommand } from './commands/connect.ts'
import { serveCommand } from './commands/serve.ts'
import { verifyCommand } from './commands/verify.ts'
import { harmless } from './connect/printer.ts'
import { ExitCode, Failure } from './exit.ts'

const HELP = `
Examples:
  $ hotline serve                                         a server, and a page to try it on
  $ hotline connect ws://127.0.0.1:8080/echo              type a line, see what comes back
  $ hotline connect ws://127.0.0.1:8080/echo --send hello --count 1
  $ hotline bench ws://127.0.0.1:8080/echo                how much it bears, and how fast it answers
  $ hotline verify ws://127.0.0.1:8080/echo               whether it keeps to the standard
  $ hotline compare                                       polling, long polling, events and WebSocket, measured

Exit codes:
  0  done
  1  what was asked for did not happen
  2  the command line is wrong
  3  could not connect or listen
`

/** Runs one command to its end; never rejects. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  const program = createProgram()
  try {
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return ExitCode.done
  } catch (error) {
    const command = program.commands.find(({ _name }: { _name?: string } & Command) => argv.includes(_name ?? ''))
    return explain(error, command?.name())
  }
}

function createProgram(): Command {
  const program = new Command('hotline')
    .description(
      'WebSocket from a terminal: a server to try things on, a client for any server, load for any echo, and what HTTP costs.',
    )
    .version(version(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', HELP)
  configure(program)
  for (const command of [serveCommand(), connectCommand(), benchCommand(), verifyCommand(), compareCommand()]) {
    configure(command)
    program.addCommand(command)
  }
  return program
}

/** A command throws instead of ending the process, and leaves it to `explain` to print errors. */
function configure(command: Command): void {
  const { bold } = colorsFor(process.stdout)
  command
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureOutput({ outputError: () => {}, getOutHasColors: () => hasColors(process.stdout) })
    .configureHelp({ styleTitle: bold, showGlobalOptions: false })
}

/** One line on standard error, which a peer's words neither steer nor break, and the exit code. */
export function explain(error: unknown, command: string | undefined): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done
  const name = command === undefined ? 'hotline' : `hotline ${command}`
  const { text, exitCode } = verdictOn(error, name)
  process.stderr.write(`${colorsFor(process.stderr).red(`${name}:`)} ${text}\n`)
  return exitCode
}

/** What is said about an error, and the exit code of the command that has this name. */
export function verdictOn(error: unknown, name: string): { readonly text: string; readonly exitCode: ExitCode } {
  if (error instanceof Failure) return { text: oneLine(error.message), exitCode: error.exitCode }
  if (error instanceof CommanderError || error instanceof UsageError)
    return { text: `${sentence(error.message)}; see ${name} --help`, exitCode: ExitCode.usage }
  if (error instanceof WebSocketError) return { text: oneLine(error.message), exitCode: ExitCode.failed }
  const text = `this is a fault of hotline itself: ${error instanceof Error ? error.stack : error}`
  return { text, exitCode: ExitCode.failed }
}

const oneLine = (text: string): string => harmless(text).replaceAll('\n', ' ')

/** Commander begins with "error:" and has its suggestion on a line of its own; the library names its functions. */
function sentence(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/ of (openSocket|serve)\b/, '')
    .replace(/\n\((.*)\)$/s, ' ($1)')
    .replace(/\. It must/, ': it must')
    .replace(/\.$/, '')
    .replaceAll('\n', ' ')
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return version
}
