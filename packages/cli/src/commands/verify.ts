/** `hotline verify`: any server, any client, against the standard. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { ExitCode, Failure } from '../exit.ts'
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
  $ hotline verify --listen 9001

Exit codes:
  0  no case failed
  1  a case failed, or with --compare, became worse
  2  the command line is wrong
  3  could not connect or listen
`

function parallel(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 1 && value <= 64)) throw new InvalidArgumentError('It must be a number from 1 to 64.')
  return value
}

export function verifyCommand(): Command {
  const option = <T>(flags: string, description: string, read: (text: string, given: T) => T): Option =>
    new Option(flags, description).argParser(read)
  return new Command('verify')
    .description('Check a WebSocket server that sends back what it gets, or any client, against the standard.')
    .argument('[url]', 'ws:// or wss://')
    .optionsGroup('What to do:')
    .addOption(option('--listen <port>', 'play the server, for clients that come to be checked', port))
    .addOption(new Option('--host <address>', 'where to listen').default('127.0.0.1'))
    .addOption(option('--only <cases>', "such as '5.*,7.1'; may be repeated", patterns))
    .addOption(option('--exclude <cases>', 'all but these; may be repeated', patterns))
    .addOption(option('--parallel <number>', 'cases at a time', parallel).default(8))
    .addOption(
      option('--timeout <seconds>', 'how long a case may take, unless it needs more', seconds).default(5000, '5'),
    )
    .optionsGroup('How to connect:')
    .option('--ca <file>', 'trust this certificate authority, in PEM, and no other')
    .option('--insecure', 'trust any certificate')
    .optionsGroup('How to show it:')
    .option('--json <file>', 'write the report as JSON; - is standard output, and nothing else is shown')
    .option('--html <file>', 'write the report as a page, with the bytes of each case')
    .option('--compare <file>', 'say what has changed since this report, which --json wrote')
    .addHelpText('after', HELP)
    .action(start)
}

async function start(url: string | undefined, options: VerifyOptions): Promise<void> {
  if ((url === undefined) === (options.listen === undefined))
    throw new Failure(ExitCode.usage, 'name either a URL or --listen <port>; see hotline verify --help')
  const { verifyClients, verifyServer } = await import('../verify/verify.ts')
  if (url === undefined) await verifyClients(options)
  else await verifyServer(url, options)
}
