/** `hotline serve`: a server with routes to try things on, and a page to see them. */
import { Command, Option } from 'commander'
import { type Backplane, BackplaneError } from 'hotline/backplane'
import { HandshakeError, type OriginPolicy, type Server, serve, type TrustProxy } from 'hotline/server'
import type { Logger } from 'pino'
import { hasColors } from '../colors.ts'
import { ExitCode, Failure } from '../exit.ts'
import { type Apps, loadApps } from '../serve/apps.ts'
import { documentOf } from '../serve/document.ts'
import { checkDrain, DRAIN_HELP, type DrainOptions, drainOnSignal, withDrain } from '../serve/draining.ts'
import { engineOf, isJoined, JOINING_HELP, type JoiningOptions, schemeOf, withJoining } from '../serve/joining.ts'
import { keepJournal } from '../serve/journal.ts'
import { whyNotListening } from '../serve/listening.ts'
import { createLogger, type LogFormat } from '../serve/log.ts'
import { OPERATION_HELP, Operation, type OperationOptions, withLocalToken, withOperation } from '../serve/operation.ts'
import { Primary } from '../serve/primary.ts'
import { createRoutes, roomsOf, TOPICS } from '../serve/routes.ts'
import { Site } from '../serve/site.ts'
import { type Certificate, certificateOf, type TlsOptions, withTls } from '../serve/tls.ts'
import { type Health, webListener } from '../serve/web.ts'
import { collect, port, proxies, seconds, size } from '../values.ts'

export interface Options extends TlsOptions, DrainOptions, JoiningOptions, OperationOptions {
  readonly port: number
  readonly maxMessage: number
  readonly deflate: boolean
  readonly origin: readonly string[]
  readonly trustProxy: TrustProxy
  readonly heartbeat: number
  readonly log: LogFormat
  readonly quiet?: true
}

const HELP = `
Routes:
  /echo            every message comes back
  /rooms/:room     what one sends, everybody in the room gets, the sender too, unchanged
  /refused         says no with HTTP status 401, which browsers show to a page as 1006
  /refused/told    says no by closing with 4401, which a page can read
  /                pages that show it at work: the four events, a chat, a stock ticker, a game, HTTP beside it
  /healthz         200 while it serves${OPERATION_HELP}
  /asyncapi.json   what can be said to it, as an AsyncAPI 3 document

Examples:
  $ hotline serve                                    ws://127.0.0.1:8080, for this machine
  $ hotline serve --host 0.0.0.0 --port 80           for other machines too
  $ hotline serve --tls-self-signed                  wss:// at once; clients need --insecure
  $ hotline serve --tls-cert cert.pem --tls-key key.pem
  $ hotline serve --origin same --origin https://app.example.com
  $ hotline serve --max-message 16MiB --log json
  $ hotline serve --trust-proxy 127.0.0.1            behind a proxy on this machine
  $ hotline serve --workers auto                     all cores of this machine
  $ hotline serve --backplane redis://127.0.0.1      as many servers as you like

Standard output has one line, the URL, once it listens; the log goes to standard error.
${DRAIN_HELP}
${JOINING_HELP}
`

const LEFT_OUT = 'pages of applications that keep their state in one process are left out'

export function serveCommand(): Command {
  const command = new Command('serve').description('Serve WebSocket: echo, rooms, and a page to try them on.')
  return withLog(withOperation(withDrain(withJoining(withTraffic(withListening(command))))))
    .addHelpText('after', HELP)
    .action(serveUntilStopped)
}

function withListening(command: Command): Command {
  return withTls(
    command
      .option('--host <address>', 'address to listen on; 0.0.0.0 lets other machines connect', '127.0.0.1')
      .option('--port <number>', 'port to listen on; 0 picks a free one', port, 8080),
  )
}

/** What may connect, and what may pass. */
function withTraffic(command: Command): Command {
  return command
    .addOption(
      new Option('--max-message <size>', 'largest message to take: bytes, or such as 64KiB')
        .argParser(size)
        .default(1_048_576, '1MiB'),
    )
    .option('--no-deflate', 'compress nothing (permessage-deflate is on for messages from 1 KiB)')
    .addOption(
      new Option(
        '--origin <origin>',
        'pages that may connect: same, any, or an origin such as https://example.com; may be repeated',
      )
        .argParser(collect)
        .default([], 'same'),
    )
    .addOption(
      new Option(
        '--trust-proxy <proxies>',
        'whose X-Forwarded-For, -Proto and -Host to believe: addresses and ranges with commas between them, how many proxies there are, or any',
      )
        .argParser(proxies)
        .default(false, 'nobody'),
    )
    .addOption(
      new Option('--heartbeat <seconds>', 'ping a peer that is quiet for so long')
        .argParser(seconds)
        .default(25_000, '25'),
    )
}

function withLog(command: Command): Command {
  return command
    .addOption(
      new Option('--log <format>', 'how to write the log')
        .choices(['json', 'pretty'])
        .default(process.stderr.isTTY ? 'pretty' : 'json', 'pretty on a terminal, else json'),
    )
    .option('-q, --quiet', 'log warnings and errors only')
}

async function serveUntilStopped(given: Options): Promise<void> {
  const options = withLocalToken(given)
  const operation = new Operation(options)
  checkDrain(options)
  const { backplane: url, workers } = options
  if (url !== undefined) schemeOf(url)
  const certificate = await certificateOf(options)
  const log = logOf(options)
  if (workers !== undefined) return leadWorkers(options, workers, certificate, operation, log)
  const apps = await loadApps(isJoined(options), operation.app)
  const backplane = url === undefined ? undefined : await engineOf(url)
  const server = await start(options, apps, log, { certificate, backplane })
  const stopped = drainOnSignal(server, options, log)
  announce(server.url as string, operation, log)
  await stopped
  apps.stop()
}

async function leadWorkers(
  options: Options,
  workers: number,
  certificate: Certificate | undefined,
  operation: Operation,
  log: Logger,
): Promise<void> {
  const primary = new Primary({ start: { options, workers, certificate }, relays: relaysFor(options), log })
  announce(await primary.start(), operation, log.child({ workers }))
  await primary.endOnSignal()
}

/** True where the workers have no other engine than the process that started them. */
export const relaysFor = ({ backplane }: JoiningOptions): boolean =>
  backplane === undefined || schemeOf(backplane) === 'memory'

export const logOf = ({ log: format, quiet }: Options): Logger =>
  createLogger({ format, quiet: quiet === true, colors: hasColors(process.stderr) })

function announce(url: string, operation: Operation, log: Logger): void {
  process.stdout.write(`${url}\n`)
  log.info({ url, page: url.replace(/^ws/, 'http'), status: operation.statusPage(url) }, 'listening')
}

/** What the options do not say. */
interface Surroundings {
  readonly certificate: Certificate | undefined
  readonly backplane: Backplane | undefined
  /** For a worker: which one it is, and how many serve. */
  readonly crew?: () => Pick<Health, 'worker' | 'workers'>
}

/** @throws Failure when it cannot listen, or the engine cannot be had */
export async function start(options: Options, apps: Apps, log: Logger, surroundings: Surroundings): Promise<Server> {
  const { host, port, maxMessage, deflate, heartbeat, trustProxy } = options
  const { certificate: tls, backplane, crew } = surroundings
  const site = await Site.load(apps.leftOut)
  if (apps.leftOut.length > 0 && (crew?.().worker ?? 1) === 1) log.info({ pages: apps.leftOut }, LEFT_OUT)
  let server: Server | undefined
  keepJournal(log, () => server)
  const routes = { ...apps.routes, ...createRoutes(() => server) }
  const described = documentOf.bind(undefined, routes as Readonly<Record<string, object>>)
  const health = () => ({
    status: server?.draining ? ('draining' as const) : ('ok' as const),
    uptime: Math.round(process.uptime()),
    sockets: server?.sockets.size ?? 0,
    rooms: server === undefined ? 0 : roomsOf(server),
    ...crew?.(),
  })
  try {
    server = await serve({
      host,
      port,
      maxMessage,
      deflate,
      heartbeat: { interval: heartbeat, timeout: 20_000 },
      origin: originPolicy(options.origin),
      trustProxy,
      ...(tls === undefined ? {} : { tls }),
      ...(backplane === undefined ? {} : { backplane }),
      routes,
      topics: { ...apps.topics, ...TOPICS },
      request: webListener(site, health, described, apps.request),
      // The journal has it from the channel of errors.
      report() {},
    })
    apps.start(server)
  } catch (error) {
    throw whyNotServing(error, options)
  }
  return server
}

function whyNotServing(error: unknown, options: Options): unknown {
  if (error instanceof HandshakeError) return whyNotListening(error.cause, { ...options, option: '--port' })
  if (!(error instanceof BackplaneError)) return error
  return new Failure(ExitCode.unreachable, `--backplane: ${error.message}`)
}

function originPolicy(origins: readonly string[]): OriginPolicy {
  if (origins.length === 0) return 'same'
  return origins.includes('any') ? 'any' : origins
}
