/**
 * `hotline verify --listen PORT`: the suite plays the server, for clients that know how Autobahn's are driven:
 * `/getCaseCount` tells how many cases there are, `/runCase?case=N&agent=NAME` plays one, `/updateReports?agent=NAME`
 * asks for the report.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Certificate } from '../serve/tls.ts'
import { readUrl } from '../url.ts'
import { type Agent, Agents } from './agents.ts'
import type { Case } from './case.ts'
import { answer } from './engine/answer.ts'
import { Bytes } from './engine/bytes.ts'
import { Exchange } from './engine/exchange.ts'
import { encode, OPCODES } from './engine/frame.ts'
import { listOf, type ReadHead, takeHead } from './engine/head.ts'
import { Line } from './engine/line.ts'
import { play } from './engine/play.ts'
import { deadlineOf, type Result, resultOf } from './engine/result.ts'
import { Transcript } from './engine/transcript.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds for each case. */
  readonly deadline: number
  /** Of a client that does not say. @default 'unnamed' */
  readonly name?: string
  /** Serves wss://. */
  readonly certificate?: Certificate | undefined
  readonly each: (agent: string, result: Result) => void
  /** A client has asked for its report: all that it was tested with. */
  readonly report: (agent: string, results: readonly Result[]) => void
}

interface Asked {
  readonly head: ReadHead
  readonly rest: Buffer
  readonly exchange: Exchange
}

export class Listener implements AsyncDisposable {
  readonly #cases: readonly Case[]
  readonly #options: ListenOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #agents = new Agents()

  constructor(cases: readonly Case[], options: ListenOptions) {
    this.#cases = cases
    this.#options = options
    const serve = (socket: Socket): void => void this.#serve(socket)
    const { certificate } = options
    this.#server =
      certificate === undefined
        ? createServer({ allowHalfOpen: true }, serve)
        : createTlsServer({ ...certificate, allowHalfOpen: true, ALPNProtocols: ['http/1.1'] }, serve)
    this.#server.on('tlsClientError', () => {})
  }

  /** Those that have run cases and not asked for their report since. */
  get unreported(): [agent: string, results: Result[]][] {
    return this.#agents.unreported
  }

  /** Rejects when it cannot; gives the URL. */
  async listen(): Promise<string> {
    this.#server.listen(this.#options.port, this.#options.host)
    await once(this.#server, 'listening')
    const { address, family, port } = this.#server.address() as AddressInfo
    const scheme = this.#options.certificate === undefined ? 'ws' : 'wss'
    return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const transcript = new Transcript()
    const line = new Line(socket, transcript)
    const longest = Math.max(...this.#cases.map(of => deadlineOf(of, this.#options.deadline)))
    const timer = setTimeout(() => line.abandon(), longest + 500)
    try {
      const asked = await request(line, transcript, this.#options.deadline)
      if (asked !== undefined) await this.#route(asked)
    } finally {
      clearTimeout(timer)
      line.abandon()
    }
  }

  async #route({ head, rest, exchange }: Asked): Promise<void> {
    const url = addressOf(head)
    const name = url.searchParams.get('agent') || this.#options.name || 'unnamed'
    const asked = url.searchParams.get('case') ?? url.searchParams.get('casetuple') ?? ''
    const of = this.#named(asked)
    const agent = this.#agents.get(name)
    const told = (text: string): Promise<void> => tell(text, head, rest, exchange)
    if (isPage(head, url)) return refuse(exchange, 426, WORDS)
    switch (url.pathname) {
      case '/getCaseCount':
        return told(String(this.#cases.length))
      case '/getCaseInfo':
        return of === undefined ? this.#unknown(asked, exchange) : told(informed(of))
      case '/getCaseStatus':
        return told(JSON.stringify({ behavior: await agent.behavior(of?.id) }))
      case '/runCase':
        return of === undefined ? this.#unknown(asked, exchange) : this.#run(of, agent, { head, rest, exchange })
      case '/updateReports':
        await told('')
        return this.#options.report(name, await agent.report())
      default:
        return told('')
    }
  }

  /** By its place, from 1 on, or by its number. */
  #named(asked: string): Case | undefined {
    return /^\d+$/.test(asked) ? this.#cases[Number(asked) - 1] : this.#cases.find(({ id }) => id === asked)
  }

  #unknown(asked: string, exchange: Exchange): Promise<void> {
    return refuse(exchange, 400, `there is no case ${JSON.stringify(asked)}: case is from 1 to ${this.#cases.length}`)
  }

  async #run(of: Case, agent: Agent, { head, rest, exchange }: Asked): Promise<void> {
    const played = async (): Promise<Result> => {
      exchange.extend(deadlineOf(of, this.#options.deadline))
      if (agent.repeats(head.fields.get('sec-websocket-key')?.[0] ?? ''))
        exchange.fault('§4.1: the key is that of a connection before')
      await answer(of, head, rest, exchange)
      await play(of, exchange)
      return resultOf(of, exchange)
    }
    this.#options.each(agent.name, await agent.run(of.id, played()))
  }
}

/** What it asks for; a target that is no address leads nowhere. */
function addressOf({ start }: ReadHead): URL {
  const target = start.split(' ')[1] ?? '/'
  return readUrl(target.startsWith('/') ? `ws://suite${target}` : target) ?? new URL('ws://suite')
}

async function request(line: Line, transcript: Transcript, deadline: number): Promise<Asked | undefined> {
  const exchange = new Exchange('client', line, transcript, deadline)
  const bytes = new Bytes()
  let head: ReadHead | undefined
  line.onChunk = chunk => {
    bytes.push(chunk)
    try {
      head ??= takeHead(bytes)
    } catch {
      line.cut()
    }
    exchange.changed()
  }
  await exchange.until(() => head !== undefined || exchange.ended !== undefined)
  return head && { head, rest: bytes.all(), exchange }
}

const informed = ({ id, title, clause, why }: Case): string =>
  JSON.stringify({ id, description: `${title} (${clause}). ${why}` })

/** Opens, sends a message if there is one, and closes. */
async function tell(text: string, head: ReadHead, rest: Buffer, exchange: Exchange): Promise<void> {
  await answer(undefined, head, rest, exchange)
  if (text !== '') await exchange.line.write(encode({ opcode: OPCODES.text, payload: text }, false), 'the answer')
  await play(TOLD, exchange)
}

const WORDS =
  'This is hotline verify --listen. Point a WebSocket client here: /getCaseCount, /runCase?case=N&agent=NAME, /updateReports?agent=NAME'

/** Somebody looks with a browser. A client that is to be tested is let go on, whatever it asks. */
const isPage = ({ fields }: ReadHead, { pathname }: URL): boolean =>
  pathname !== '/runCase' && listOf(fields.get('upgrade')).length === 0

const REASONS = { 400: 'Bad Request', 426: 'Upgrade Required' } as const

async function refuse(exchange: Exchange, status: keyof typeof REASONS, text: string): Promise<void> {
  const fields = ['Content-Type: text/plain; charset=utf-8', 'Connection: close', 'Upgrade: websocket']
  const head = [`HTTP/1.1 ${status} ${REASONS[status]}`, ...fields, '', `${text}\n`].join('\r\n')
  await exchange.line.write(Buffer.from(head), 'a refusal')
  exchange.line.leave()
  await exchange.until(() => exchange.ended !== undefined, 1000)
}

/** Nothing is asked of it but that it ends. */
const TOLD: Case = {
  id: '0',
  title: 'what the suite tells',
  clause: 'none',
  why: 'none',
  steps: [],
  outcomes: [{ verdict: 'pass', end: { how: 'closed', by: 'suite', codes: 'any' } }],
}
