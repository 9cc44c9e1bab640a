/** One connection to one server, from when it is made until it is lost: then it is over, and another one is made. */
import { BackplaneError } from '../../errors.ts'
import type { Argument, ChannelListener, Client, Driver } from './driver.ts'
import { type Address, describeAddress, type ResolvedRedis } from './options.ts'

/** Looks for an answer so often within `stallTimeout`. Counted, not timed: a node that was busy itself has one look only. */
const LOOKS = 5

/** How a channel is listened to. In a cluster publications stay with the nodes of their slot. */
export type ChannelKind = 'plain' | 'sharded' | 'pattern'

export class Connection {
  readonly #client: Client
  readonly #driver: Driver
  readonly #lost: (error: Error) => void
  readonly #where: string
  #looking: ReturnType<typeof setInterval> | undefined
  readonly #listeners = new WeakMap<ChannelListener, ChannelListener>()
  readonly #turns = new Map<string, Promise<void>>()
  /** Ends a socket that is still connecting, of which the client knows nothing yet. */
  readonly #ending = new AbortController()
  #waiting = 0
  #heard = false
  #silent = 0
  #over = false

  /** `lost` is called once at most, and not for what `end` does. */
  constructor(driver: Driver, address: Address, options: ResolvedRedis, lost: (error: Error) => void) {
    const { host, port, path } = address
    this.#driver = driver
    this.#where = describeAddress(address)
    this.#lost = lost
    this.#client = driver.createClient({
      RESP: 3,
      username: options.username,
      password: options.password,
      database: options.database,
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      // A command that ends by itself would be missing among those that were sent: only the whole connection ends. And bytes
      // stay bytes, also in what a channel brings while a command waits.
      commandOptions: { timeout: 0, typeMapping: { [driver.RESP_TYPES.BLOB_STRING]: Buffer } },
      socket: {
        ...(path === undefined ? { host, port } : { path }),
        ...(options.tls === undefined ? {} : { ...options.tls, tls: true }),
        signal: this.#ending.signal,
        connectTimeout: options.stallTimeout,
        reconnectStrategy: false,
      },
    })
    this.#client.on('error', error => this.#lose(error))
    this.#client.on('sharded-channel-moved', () => this.#lose(new Error('a slot has moved to another node')))
  }

  /** @throws Error when it is not open within `stallTimeout` */
  async open(stallTimeout: number): Promise<void> {
    let late = false
    const deadline = setTimeout(() => {
      late = true
      this.end()
    }, stallTimeout)
    try {
      await this.#client.connect()
    } catch (cause) {
      throw late ? new Error(`no answer within ${stallTimeout} ms`, { cause }) : cause
    } finally {
      clearTimeout(deadline)
    }
    this.#looking = setInterval(() => this.#look(stallTimeout), Math.ceil(stallTimeout / LOOKS))
    this.#looking.unref()
  }

  async command(...args: readonly Argument[]): Promise<unknown> {
    this.#waiting++
    try {
      const reply = await this.#client.sendCommand(args)
      this.#heard = true
      return reply
    } catch (error) {
      throw this.#explain(error as Error)
    } finally {
      this.#waiting--
    }
  }

  /** The listener is the same one for `unsubscribe`. */
  subscribe(kind: ChannelKind, channel: string, listener: ChannelListener): Promise<void> {
    return this.#inTurn(channel, async () => {
      if (kind === 'plain') await this.#client.subscribe(channel, this.#hearing(listener), true)
      else if (kind === 'sharded') await this.#client.sSubscribe(channel, this.#hearing(listener), true)
      else await this.#client.pSubscribe(channel, this.#hearing(listener), true)
    })
  }

  unsubscribe(kind: ChannelKind, channel: string, listener: ChannelListener): Promise<void> {
    return this.#inTurn(channel, async () => {
      if (kind === 'plain') await this.#client.unsubscribe(channel, this.#hearing(listener), true)
      else if (kind === 'sharded') await this.#client.sUnsubscribe(channel, this.#hearing(listener), true)
      else await this.#client.pUnsubscribe(channel, this.#hearing(listener), true)
    })
  }

  #hearing(listener: ChannelListener): ChannelListener {
    let hearing = this.#listeners.get(listener)
    if (hearing !== undefined) return hearing
    hearing = (message, channel) => {
      this.#heard = true
      if (!this.#over) listener(message, channel)
    }
    this.#listeners.set(listener, hearing)
    return hearing
  }

  /** One after the other for each channel: node-redis confuses a subscription with the end of the one before. */
  async #inTurn(channel: string, act: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(channel) ?? Promise.resolve()).then(act)
    const done = turn.catch(() => {})
    this.#turns.set(channel, done)
    try {
      await turn
    } catch (error) {
      throw this.#explain(error as Error)
    } finally {
      if (this.#turns.get(channel) === done) this.#turns.delete(channel)
    }
  }

  /** What is on its way is rejected. */
  end(): void {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#looking)
    if (this.#client.isOpen) this.#client.destroy()
    this.#ending.abort()
  }

  #look(stallTimeout: number): void {
    this.#silent = this.#heard || this.#waiting === 0 ? 0 : this.#silent + 1
    this.#heard = false
    if (this.#silent >= LOOKS) this.#lose(new Error(`no answer within ${stallTimeout} ms`))
    else if (this.#waiting === 0) this.command('PING').catch(() => {})
  }

  #lose(error: Error): void {
    if (this.#over) return
    this.end()
    this.#lost(new BackplaneError(`Redis at ${this.#where} is away: ${error.message}`, 'unknown', { cause: error }))
  }

  /**
   * An error that Redis answered means that nothing was kept. Some say that this connection leads to the wrong place, or
   * nowhere for now: it is given up, and all that is on its way may be sent again over another one.
   */
  #explain(error: Error): BackplaneError {
    if (!(error instanceof this.#driver.ErrorReply))
      return new BackplaneError(`Redis at ${this.#where} was lost before it answered`, 'unknown', { cause: error })
    if (!LEADS_NOWHERE.test(error.message))
      return new BackplaneError(`Redis at ${this.#where} refused: ${error.message}`, 'no', { cause: error })
    this.#lose(error)
    return new BackplaneError(`Redis at ${this.#where} moved: ${error.message}`, 'unknown', { cause: error })
  }
}

const LEADS_NOWHERE = /^(READONLY|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|NOSCRIPT|NOAUTH|UNBLOCKED)\b/
