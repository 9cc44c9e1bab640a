/** One server of Redis for one life of its connections: one for commands, one for what channels bring. */
import { deferred } from '../../connection/deferred.ts'
import { BackplaneError } from '../../errors.ts'
import type { Entry } from '../backplane.ts'
import { type ChannelKind, Connection } from './connection.ts'
import type { Argument, ChannelListener, Driver } from './driver.ts'
import { type Address, describeAddress, type ResolvedRedis } from './options.ts'
import { SCRIPTS, type ScriptName } from './scripts.ts'

/** What is known of the server since it was connected to. */
interface Server {
  /** Another one after each start. */
  readonly run: string
  /** '1' when a restart loses nothing that was confirmed, else '0'. */
  readonly durable: '0' | '1'
  readonly cluster: boolean
  /** Bytes of the largest body that it takes: of more it ends the connection. */
  readonly largest: number
}

/** Streams are as before, but sharded channels and what scripts may do came with it. */
const OLDEST = 7
const NEEDED = 'Redis 7.0 or later is needed'

/** Bytes of the largest text in a command, unless Redis was told otherwise. */
const LARGEST = 512 * 1_048_576
/** Bytes that may stand in front of a body, at most. */
const HEAD = 256

/** Milliseconds that a connection is read for after the other one was lost, if it does not end by itself. */
const DRAIN = 200

export class Link {
  readonly #commands: Connection
  readonly #channels: Connection
  readonly #address: Address
  #shas: Readonly<Record<string, string>> = {}
  #server: Server = { run: '', durable: '0', cluster: false, largest: LARGEST }
  readonly #drained = deferred<void>()
  #failure: Error | undefined
  #lost: ((error: Error) => void) | undefined

  constructor(driver: Driver, address: Address, options: ResolvedRedis) {
    this.#address = address
    this.#commands = new Connection(driver, address, options, error => this.fail(error))
    this.#channels = new Connection(driver, address, options, error => {
      this.#drained.resolve()
      this.fail(error)
    })
  }

  /** Calls it once when one of the connections is lost, or has been. Not for what `end` does. */
  watch(lost: (error: Error) => void): void {
    this.#lost = lost
    if (this.#failure !== undefined) lost(this.#failure)
  }

  fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#commands.end()
    this.#lost?.(error)
  }

  /**
   * Fulfilled when what the channels have brought already has been told: a Redis that has ended without persistence has it
   * no more, and others were told that it was kept.
   */
  async drain(): Promise<void> {
    const deadline = setTimeout(this.#drained.resolve, DRAIN)
    await this.#drained.promise
    clearTimeout(deadline)
    this.end()
  }

  get server(): Server {
    return this.#server
  }

  /** @throws BackplaneError when it cannot be had, or is not what is needed */
  async open({ stallTimeout, durable }: ResolvedRedis, closing: AbortSignal): Promise<void> {
    const end = (): void => this.end()
    closing.addEventListener('abort', end)
    try {
      closing.throwIfAborted()
      await Promise.all([this.#commands.open(stallTimeout), this.#channels.open(stallTimeout)])
      this.#server = await this.#ask(durable)
      const names = Object.keys(SCRIPTS) as ScriptName[]
      const shas = await Promise.all(names.map(name => this.command('SCRIPT', 'LOAD', SCRIPTS[name])))
      this.#shas = Object.fromEntries(names.map((name, at) => [name, String(shas[at])]))
    } catch (error) {
      this.end()
      throw explain(describeAddress(this.#address), error as Error)
    } finally {
      closing.removeEventListener('abort', end)
    }
  }

  command(...args: readonly Argument[]): Promise<unknown> {
    return this.#commands.command(...args)
  }

  /** Not sent again by its text when Redis has forgotten it: others that were sent behind it may have been done. */
  run(script: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#commands.command('EVALSHA', this.#shas[script] as string, String(keys.length), ...keys, ...args)
  }

  /** @throws BackplaneError for what is so large that Redis would end the connection over it */
  check({ body }: Entry): void {
    const { largest } = this.#server
    if (body.length + HEAD > largest)
      throw new BackplaneError(`${body.length} bytes are more than Redis takes (proto-max-bulk-len: ${largest})`)
  }

  subscribe(kind: ChannelKind, channel: string, listener: ChannelListener): Promise<void> {
    return this.#channels.subscribe(kind, channel, listener)
  }

  unsubscribe(kind: ChannelKind, channel: string, listener: ChannelListener): Promise<void> {
    return this.#channels.unsubscribe(kind, channel, listener)
  }

  end(): void {
    this.#commands.end()
    this.#channels.end()
    this.#drained.resolve()
  }

  async #ask(durable: boolean | undefined): Promise<Server> {
    const info = String(await this.command('INFO'))
    const about = (field: string): string => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
    const version = about('redis_version')
    if (!(Number.parseInt(version, 10) >= OLDEST))
      throw new BackplaneError(`${NEEDED}, this is ${version === '' ? 'something else' : version}`)
    const cluster = about('redis_mode') === 'cluster'
    // Any node of a cluster knows where the primaries are.
    if (!cluster && about('role') !== 'master')
      throw new BackplaneError('this is a replica: the URL must be that of the primary')
    if (about('loading') === '1') throw new BackplaneError('Redis is still loading what it has kept')
    const alone = about('connected_slaves') === '0' && about('second_repl_offset') === '-1'
    const config = await this.#configured('appendfsync', 'proto-max-bulk-len')
    const syncsAlways = about('aof_enabled') === '1' && config.get('appendfsync') === 'always'
    return {
      run: about('run_id'),
      durable: (durable ?? (alone && syncsAlways)) ? '1' : '0',
      cluster,
      largest: Number(config.get('proto-max-bulk-len') ?? LARGEST),
    }
  }

  /** CONFIG may be forbidden: then nothing is known. */
  async #configured(...names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const reply = await this.command('CONFIG', 'GET', ...names).catch(() => ({}))
    return new Map(Object.entries(reply as object).map(([name, value]) => [name, String(value)]))
  }
}

/** In one sentence, what to do about it. */
function explain(where: string, error: Error): BackplaneError {
  const { message, code } = error as Error & { readonly code?: string }
  if (/WRONGPASS|NOAUTH/.test(message)) return failed(where, 'user or password are wrong: give them in the URL', error)
  if (/unknown command/.test(message)) return failed(where, NEEDED, error)
  if (/NOPERM/.test(message)) return failed(where, `its user may not do what is needed (${message})`, error)
  if (code === 'ECONNREFUSED') return failed(where, 'nothing listens there: is Redis running?', error)
  return failed(where, message, error)
}

const failed = (where: string, what: string, cause: Error): BackplaneError =>
  new BackplaneError(`Redis at ${where} cannot be used: ${what}`, 'no', { cause })
