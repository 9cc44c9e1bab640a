/** Nodes in processes of their own, which a test drives as if they were here. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type {
  Attendance,
  Backplane,
  BackplaneEvents,
  Consumption,
  Entry,
  Place,
  TopicListener,
} from '../../src/backplane/backplane.ts'
import { BackplaneError } from '../../src/errors.ts'
import type { HistoryRules } from '../../src/topics/rules.ts'
import type { program } from '../support/program.ts'
import { type Value, wire } from './wire.ts'

type Program = ReturnType<Awaited<ReturnType<typeof program>>['start']>

/** A primary with a relay, and its workers. */
export class Cluster {
  readonly #primary: Program
  readonly #server: Server
  readonly #waiting = new Map<string, (connected: Connected) => void>()
  #count = 0

  private constructor(primary: Program, server: Server) {
    this.#primary = primary
    this.#server = server
    server.on('connection', socket => {
      let listener = ([, token]: Value): void =>
        this.#waiting.get(token as string)?.({ socket, tell, listen: to => void (listener = to) })
      const tell = wire(socket, value => listener(value))
    })
  }

  static async start(primary: Program): Promise<Cluster> {
    const server = createServer().listen(0, '127.0.0.1')
    await Promise.all([once(server, 'listening'), primary.line('running')])
    return new Cluster(primary, server)
  }

  make(): Driven {
    const token = `${++this.#count}`
    const { port } = this.#server.address() as AddressInfo
    return new Driven(async () => {
      const connected = new Promise<Connected>(resolve => this.#waiting.set(token, resolve))
      this.#primary.tell(`fork ${token} ${port}`)
      await this.#primary.lines.until('a worker', all => all.some(line => line['token'] === token))
      const pid = this.#primary.lines.all.find(line => line['token'] === token)?.['forked'] as number
      return { pid, connected: await connected }
    })
  }

  /** Tells the primary, and waits until it has done so. */
  async tell(word: string, answer: string): Promise<void> {
    const from = this.#primary.lines.all.length
    this.#primary.tell(word)
    await this.#primary.line(answer, from)
  }

  signal(signal: NodeJS.Signals): void {
    this.#primary.child.kill(signal)
  }

  async end(): Promise<void> {
    this.signal('SIGCONT')
    await this.#primary[Symbol.asyncDispose]()
    this.#server.close()
  }
}

interface Connected {
  readonly socket: Socket
  readonly tell: (value: Value) => void
  /** Takes the one who hears what comes from now on. */
  readonly listen: (listener: (value: Value) => void) => void
}

type Begin = () => Promise<{ readonly pid: number; readonly connected: Connected }>

/** A node in a worker. */
export class Driven implements Backplane {
  readonly name = 'cluster'
  readonly #begin: Begin
  readonly #calls = new Map<unknown, { resolve(value: unknown): void; reject(error: Error): void }>()
  readonly #uses = new Map<unknown, (value: Value) => void>()
  #beginning: Promise<void> | undefined
  #events: BackplaneEvents | undefined
  #tell: (value: Value) => void = () => {}
  #socket: Socket | undefined
  #id = 0
  pid = 0

  constructor(begin: Begin) {
    this.#begin = begin
  }

  async open(events: BackplaneEvents): Promise<void> {
    this.#events ??= events
    this.#beginning ??= this.#start()
    await this.#beginning
    await this.#call('open')
  }

  async #start(): Promise<void> {
    const { pid, connected } = await this.#begin()
    const { socket, tell, listen } = connected
    this.pid = pid
    this.#tell = tell
    this.#socket = socket
    listen(value => this.#hear(value))
    socket.on('close', () => {
      for (const { reject } of this.#calls.values()) reject(new BackplaneError('the worker is gone', 'unknown'))
    })
  }

  consume(topic: string, history: HistoryRules | undefined, listener: TopicListener): Consumption {
    return this.#use(['consume', topic, history], ([what, , ...rest]) => {
      if (what === 'state') listener.state(...(rest as Parameters<TopicListener['state']>))
      if (what === 'kept') listener.kept(...(rest as Parameters<TopicListener['kept']>))
      if (what === 'passed') listener.passed(...(rest as Parameters<TopicListener['passed']>))
    })
  }

  watch(pattern: string, listener: (topic: string, entry: Entry) => void): Consumption {
    return this.#use(['watch', pattern], value => listener(value[2] as string, value[3] as Entry))
  }

  attendance(topic: string, listener: (node: string, attendance: Attendance | undefined) => void): Consumption {
    return this.#use(['attendance', topic], value => listener(value[2] as string, value[3] as Attendance | undefined))
  }

  publish(topic: string, history: HistoryRules | undefined, entry: Entry): Promise<Place | undefined> {
    return this.#call('publish', topic, history, entry) as Promise<Place | undefined>
  }

  async attend(topic: string, node: string, attendance: Attendance | undefined): Promise<void> {
    await this.#call('attend', topic, node, attendance)
  }

  async close(): Promise<void> {
    await this.#beginning
    await this.#call('close')
  }

  /** Its worker ends. */
  leave(): void {
    this.#socket?.destroy()
  }

  #call(what: string, ...rest: unknown[]): Promise<unknown> {
    const id = ++this.#id
    this.#tell([what, id, ...rest])
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }))
  }

  #use([what, ...rest]: Value, listener: (value: Value) => void): Consumption {
    const id = ++this.#id
    const ready = new Promise<void>(resolve => {
      this.#uses.set(id, value => (value[0] === 'ready' ? resolve() : listener(value)))
    })
    this.#tell([what, id, ...rest])
    return {
      ready,
      end: () => {
        this.#uses.delete(id)
        this.#tell(['end', id])
      },
    }
  }

  #hear(value: Value): void {
    const [what, id, result, kept] = value
    if (what === 'up') this.#events?.up()
    else if (what === 'down') this.#events?.down(new Error('down'))
    else if (what === 'answer') this.#calls.get(id)?.resolve(result)
    else if (what === 'failed')
      this.#calls
        .get(id)
        ?.reject(kept === undefined ? new Error(`${result}`) : new BackplaneError(`${result}`, kept as 'no'))
    else this.#uses.get(id)?.(value)
    if (what === 'answer' || what === 'failed') this.#calls.delete(id)
  }
}
