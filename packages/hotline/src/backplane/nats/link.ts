/** The connection to NATS: made, watched, dropped when it stalls, and made anew for ever. */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { KV } from '@nats-io/kv'
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { BackplaneError } from '../../errors.ts'
import { type Greeting, greetingOf } from '../../runtime/node/greeting.ts'
import { ATTENDANCE } from '../backplane.ts'
import type { Modules } from './modules.ts'
import type { Settings } from './options.ts'

/** The oldest NATS that has what is needed: consumers that are named by the client, and whose state is in memory. */
const OLDEST = [2, 9] as const

/** Milliseconds that making a connection may take. */
const CONNECT = 5_000

/** Milliseconds of the longest wait between two attempts. */
const LONGEST_WAIT = 2_000

/** One connection. The client's own reconnection is off, because what it is given meanwhile it keeps without a bound. */
export interface Session {
  readonly nc: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  /** Who is where, and the name of that bucket. */
  readonly words: KV
  readonly bucket: string
  /** True when several servers are one NATS: what is published may then meet a stream that has just changed its place. */
  readonly clustered: boolean
  /** True when the connection is lost or closed. */
  over: boolean
}

export interface LinkEvents {
  ready(session: Session): void
  lost(reason: Error): void
  /** It cannot be connected to anew. */
  refused(reason: Error): void
}

export class Link {
  readonly #modules: Modules
  readonly #settings: Settings
  readonly #events: LinkEvents
  #session: Session | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #closing = new AbortController()

  constructor(modules: Modules, settings: Settings, events: LinkEvents) {
    this.#modules = modules
    this.#settings = settings
    this.#events = events
  }

  /** Connects for the first time. */
  async open(): Promise<void> {
    const session = await this.#connect().catch(error => {
      throw this.#isClosed ? closedError() : error
    })
    this.#begin(session)
    if (this.#isClosed) throw closedError()
  }

  /** Drops the connection, because what came over it shows that it is of no use. */
  drop(session: Session, reason: Error): void {
    if (session !== this.#session) return
    void this.#end(session)
    this.#events.lost(reason)
    if (!this.#isClosed) this.#later(0)
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    if (this.#session) await this.#end(this.#session)
  }

  async #end(session: Session): Promise<void> {
    session.over = true
    this.#session = undefined
    clearTimeout(this.#timer)
    await closeNow(session.nc)
  }

  async #connect(): Promise<Session> {
    const { transport, jetstream, keyValue } = this.#modules
    const { servers, prefix, replicas } = this.#settings
    const answering = await this.#answering()
    const nc = await transport.connect(this.#connectOptions(answering)).catch((cause: Error) => {
      throw new BackplaneError(`NATS at ${servers.join(', ')}: ${explain(cause)}`, 'no', { cause })
    })
    try {
      checkVersion(nc)
      const jsm = await jetstream.jetstreamManager(nc).catch((cause: Error) => {
        throw new BackplaneError(`${describe(nc)} ${withoutJetStream(cause)}`, 'no', { cause })
      })
      const js = jetstream.jetstream(nc)
      const bucket = `${prefix}_attendance`
      const words = await new keyValue.Kvm(js).create(bucket, {
        ttl: ATTENDANCE,
        history: 1,
        replicas,
        storage: jetstream.StorageType.Memory,
      })
      return { nc, js, jsm, words, bucket, clustered: nc.info?.cluster !== undefined, over: false }
    } catch (error) {
      await closeNow(nc)
      throw error instanceof BackplaneError
        ? error
        : new BackplaneError(`${describe(nc)}: ${(error as Error).message}`, 'no', { cause: error })
    }
  }

  /**
   * The servers that do not keep silent, as one does that stands still: of those the client of NATS (3.4) would leave a socket
   * behind with each attempt, which nobody can end. A server that waits for TLS first says nothing either.
   */
  async #answering(): Promise<string[]> {
    const { servers, stallTimeout, tls } = this.#settings
    if (tls?.handshakeFirst) return [...servers]
    const patience = Math.min(CONNECT, stallTimeout)
    const found = new AbortController()
    const signal = AbortSignal.any([this.#closing.signal, found.signal])
    const ask = async (server: string): Promise<Greeting> => {
      const { hostname, port } = new URL(`nats://${server}`)
      const greeting = await greetingOf(hostname.replace(/^\[|\]$/g, ''), Number(port), patience, signal)
      if (greeting === 'greets') found.abort()
      return greeting
    }
    const greetings = await Promise.all(servers.map(ask))
    const answering = servers.filter((_, at) => greetings[at] !== 'silent')
    if (this.#isClosed) throw closedError()
    if (answering.length > 0) return answering
    throw new BackplaneError(`NATS at ${servers.join(', ')}: no answer within ${patience} ms`)
  }

  #connectOptions(servers: string[]): NodeConnectionOptions {
    const { user, password, token, credentials, nkey, tls, prefix } = this.#settings
    const { transport } = this.#modules
    const bytes = new TextEncoder()
    const authenticator = credentials
      ? transport.credsAuthenticator(bytes.encode(credentials))
      : nkey && transport.nkeyAuthenticator(bytes.encode(nkey))
    return {
      servers,
      name: prefix,
      reconnect: false,
      timeout: CONNECT,
      // We look ourselves: its own look waits for what it has written, which is for ever when NATS reads no more.
      pingInterval: 2 ** 30,
      ...(user !== undefined && { user, pass: password ?? '' }),
      ...(token !== undefined && { token }),
      ...(authenticator && { authenticator }),
      ...(tls && { tls }),
    }
  }

  #begin(session: Session): void {
    if (this.#isClosed) {
      void closeNow(session.nc)
      return
    }
    this.#session = session
    void session.nc
      .closed()
      .then(error =>
        this.drop(session, new BackplaneError(`NATS has gone: ${error ? explain(error) : 'it closed the connection'}`)),
      )
    void this.#hear(session)
    this.#watch(session)
    this.#events.ready(session)
  }

  /** What NATS forbids it says once, and to nobody: whatever waits for an answer would wait for ever. */
  async #hear(session: Session): Promise<void> {
    for await (const status of session.nc.status()) {
      if (status.type !== 'error') continue
      this.drop(session, new BackplaneError(`NATS: ${status.error.message}`, 'no', { cause: status.error }))
    }
  }

  /** Asks for an answer, and drops the connection when there is none, and nothing else either, four times one after the other. */
  #watch(session: Session): void {
    const { stallTimeout } = this.#settings
    let answered = true
    let silent = 0
    let received = 0
    const look = (): void => {
      const { inMsgs } = session.nc.stats()
      silent = answered || inMsgs !== received ? 0 : silent + 1
      received = inMsgs
      if (silent === 4) {
        this.drop(session, new BackplaneError(`NATS has not answered for ${stallTimeout} ms`))
        return
      }
      if (answered) {
        answered = false
        session.nc.flush().then(
          () => (answered = true),
          () => {},
        )
      }
      this.#timer = setTimeout(look, stallTimeout / 4)
      this.#timer.unref()
    }
    look()
  }

  #later(attempt: number): void {
    const wait = Math.min(LONGEST_WAIT, 50 * 2 ** attempt) * (0.5 + Math.random() / 2)
    this.#timer = setTimeout(() => {
      this.#connect().then(
        session => this.#begin(session),
        (error: Error) => {
          if (this.#isClosed) return
          this.#later(Math.min(attempt + 1, 10))
          this.#events.refused(error)
        },
      )
    }, wait)
  }
}

const closedError = (): BackplaneError => new BackplaneError('the backplane is closed')

/** Ends it without waiting for what it has written. */
async function closeNow(nc: NatsConnection): Promise<void> {
  await nc.close().catch(() => {})
}

const describe = ({ info }: NatsConnection): string => `the NATS server ${info?.server_name} (${info?.version})`

function checkVersion(nc: NatsConnection): void {
  const [major = 0, minor = 0] = (nc.info?.version ?? '').split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new BackplaneError(`${describe(nc)} is too old: ${OLDEST.join('.')} or newer is needed`)
}

const withoutJetStream = ({ name, message }: Error): string =>
  name === 'TimeoutError'
    ? 'does not answer for JetStream: a cluster that has no leader yet does not'
    : `has no JetStream for us: start it with -js (${message})`

/** What the client says in a word of its own code, with what it means. */
function explain(error: Error): string {
  const { message, cause } = error
  const inner = cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
  if (error.name === 'AuthorizationError' || /authorization/i.test(message))
    return `it refuses the credentials (${message})`
  // What the client of NATS (3.4) says of a connection that was closed without an error.
  if (/undefined error/.test(message)) return 'it closed the connection'
  return `${message === '' ? error.name : message}${inner}`
}
