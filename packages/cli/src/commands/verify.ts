/** `hotline verify`: any server, any client, against the standard. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { withConnecting } from '../connecting.ts'
import { ExitCode, Failure } from '../exit.ts'
import { withTls } from '../serve/tls.ts'
import { port, seconds } from '../values.ts'
import type { VerifyOptions } from '../verify/options.ts'
import { patterns } from '../verify/select.ts'

const HELP = `
The server must send back each message as it came: \`hotline serve\` does so at /echo. A client is driven as Autobahn's
are: it opens /getCaseCount and is told a number, opens /runCase?case=N&agent=NAME for each and sends back each message
as it came, and opens /updateReports?agent=NAME at the end, which prints its report.

Verdicts:
  pass           as the standard wants it
  lenient        allowed, but not best
  informational  left open by the standard, timed, or about what the peer does not have
  strict-fail    not allowed

Examples:
  $ hotline verify ws://127.0.0.1:8080/echo
  $ hotline verify ws://127.0.0.1:8080/echo --only '6.*,7.1' --html report.html
  $ hotline verify ws://127.0.0.1:8080/echo --json new.json --compare old.json
  $ hotline verify wss://example.com/echo --header 'Authorization: Bearer abc' --exclude performance
  $ hotline verify --listen 9001
  $ hotline verify --listen 9001 --once --fail-on lenient         for a CI
  $ hotline verify --list --only utf-8

Exit codes:
  0  no case failed
  1  a case failed, or with --compare became worse; or it was ended early, or the server is no echo
  2  the command line is wrong
  3  could not connect or listen
`

function parallel(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 1 && value <= 64)) throw new InvalidArgumentError('It must be a number from 1 to 64.')
  return value
}

const option = <T>(flags: string, description: string, read: (text: string, given: T) => T): Option =>
  new Option(flags, description).argParser(read)

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('Check a WebSocket server that sends back what it gets, or any client, against the standard.')
    .argument('[url]', 'ws:// or wss://')
    .optionsGroup('What to do:')
    .addOption(option('--only <cases>', "such as '5.*,7.1' or utf-8; may be repeated", patterns))
    .addOption(option('--exclude <cases>', 'all but these; may be repeated', patterns))
    .option('--list', 'show the cases and run none')
    .addOption(option('--parallel <number>', 'cases at a time', parallel).default(8))
    .addOption(
      option('--timeout <seconds>', 'how long a case may take, unless it needs more', seconds).default(5000, '5'),
    )
    .option('--no-preflight', 'run the cases even when a plain message does not come back')
  return withReport(withListening(withConnecting(command)))
    .addHelpText('after', HELP)
    .action(start)
}

function withListening(command: Command): Command {
  command
    .optionsGroup('How to listen:')
    .addOption(option('--listen <port>', 'play the server, for clients that come to be checked; 0 picks a port', port))
    .option('--once', 'end when a client has asked for its report, with its exit code')
    .addOption(new Option('--host <address>', 'where to listen').default('127.0.0.1'))
  return withTls(command)
}

function withReport(command: Command): Command {
  return command
    .optionsGroup('How to show it:')
    .option('--json <file>', 'write the report as JSON; - is standard output, and nothing else is shown')
    .option('--html <file>', 'write the report as a page, with the bytes of each case')
    .option('--compare <file>', 'say what has changed since this report, which --json wrote')
    .addOption(
      new Option('--fail-on <verdict>', 'the best verdict that makes the exit code 1')
        .choices(['strict-fail', 'lenient', 'never'])
        .default('strict-fail'),
    )
    .option('--name <name>', 'what the report calls the server, or a client that does not say')
}

const FOR_URL = ['header', 'protocol', 'origin', 'ca', 'insecure'] as const
const FOR_LISTENING = ['once', 'tlsCert', 'tlsKey', 'tlsSelfSigned'] as const

async function start(url: string | undefined, options: VerifyOptions): Promise<void> {
  const { listCases, verifyClients, verifyServer } = await import('../verify/verify.ts')
  if (options.list) return listCases(url, options)
  if ((url === undefined) === (options.listen === undefined))
    throw new Failure(ExitCode.usage, 'name either a URL or --listen <port>; see hotline verify --help')
  refuse(options, url === undefined ? FOR_URL : FOR_LISTENING, url === undefined ? 'a URL' : '--listen <port>')
  if (url === undefined) await verifyClients(options)
  else await verifyServer(url, options)
}

/** An option that would do nothing is told. */
function refuse(options: VerifyOptions, names: readonly (keyof VerifyOptions)[], without: string): void {
  const name = names.find(name => options[name] !== undefined)
  if (name === undefined) return
  const flag = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
  throw new Failure(ExitCode.usage, `${flag} needs ${without}; see hotline verify --help`)
}
