/**
 * `hotline verify --listen PORT`: the suite plays the server, for clients that know how Autobahn's are driven:
 * `/getCaseCount` tells how many cases there are, `/runCase?case=N&agent=NAME` plays one, `/updateReports?agent=NAME`
 * asks for the report.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Case } from './case.ts'
import { answer } from './engine/answer.ts'
import { Bytes } from './engine/bytes.ts'
import { Exchange } from './engine/exchange.ts'
import { encode, OPCODES } from './engine/frame.ts'
import { type ReadHead, takeHead } from './engine/head.ts'
import { Line } from './engine/line.ts'
import { play } from './engine/play.ts'
import { deadlineOf, type Result, resultOf } from './engine/result.ts'
import { Transcript } from './engine/transcript.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds for each case. */
  readonly deadline: number
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
  readonly #results = new Map<string, Map<string, Result>>()

  constructor(cases: readonly Case[], options: ListenOptions) {
    this.#cases = cases
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true }, socket => void this.#serve(socket))
  }

  /** Rejects when it cannot; gives the URL. */
  async listen(): Promise<string> {
    this.#server.listen(this.#options.port, this.#options.host)
    await once(this.#server, 'listening')
    const { address, family, port } = this.#server.address() as AddressInfo
    return `ws://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
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
    const url = new URL(head.start.split(' ')[1] ?? '/', 'ws://suite')
    const agent = url.searchParams.get('agent') ?? 'unnamed'
    const of = this.#cases[Number(url.searchParams.get('case')) - 1]
    const told = (text: string): Promise<void> => tell(text, head, rest, exchange)
    switch (url.pathname) {
      case '/getCaseCount':
        return told(String(this.#cases.length))
      case '/getCaseInfo':
        return told(JSON.stringify({ id: of?.id, description: of?.title }))
      case '/getCaseStatus':
        return told(JSON.stringify({ behavior: this.#behavior(agent, of) }))
      case '/runCase':
        return of === undefined ? told('') : this.#run(of, agent, { head, rest, exchange })
      case '/updateReports':
        await told('')
        return this.#options.report(agent, [...(this.#results.get(agent)?.values() ?? [])])
      default:
        return told('')
    }
  }

  async #run(of: Case, agent: string, { head, rest, exchange }: Asked): Promise<void> {
    exchange.extend(deadlineOf(of, this.#options.deadline))
    await answer(of, head, rest, exchange)
    await play(of, exchange)
    const result = resultOf(of, exchange)
    const results = this.#results.get(agent) ?? new Map<string, Result>()
    this.#results.set(agent, results.set(of.id, result))
    this.#options.each(agent, result)
  }

  /** In Autobahn's words. */
  #behavior(agent: string, of: Case | undefined): string {
    const verdict = this.#results.get(agent)?.get(of?.id ?? '')?.verdict
    const words = { pass: 'OK', lenient: 'NON-STRICT', informational: 'INFORMATIONAL', 'strict-fail': 'FAILED' }
    return verdict === undefined ? 'MISSING' : words[verdict]
  }
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

/** Opens, sends a message if there is one, and closes. */
async function tell(text: string, head: ReadHead, rest: Buffer, exchange: Exchange): Promise<void> {
  await answer(undefined, head, rest, exchange)
  if (text !== '') await exchange.line.write(encode({ opcode: OPCODES.text, payload: text }, false), 'the answer')
  await play(TOLD, exchange)
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
