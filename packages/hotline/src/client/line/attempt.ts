/** One attempt: the URL and the token, a WebSocket, a deadline until it is open, and the connection until it ends. */
import { UsageError } from '../../errors.ts'
import { tokenProtocol } from '../../topics/wire/token.ts'
import type { Resolved } from './options.ts'
import type { LineData } from './outbox.ts'
import { late } from './sending.ts'
import type { AttemptContext, ForEach, LineSocket } from './socket.ts'
import type { LineEnd } from './state.ts'

/** What the close event says. */
interface CloseLike {
  readonly code: number
  readonly reason: string
  readonly error?: Error | undefined
}

export interface AttemptOwner {
  opened(protocol: string): void
  message(data: LineData): void
  /** It is over: nothing more is told of it. */
  ended(end: LineEnd): void
}

/** Milliseconds that the closing handshake of a line may take. */
const CLOSE_TIMEOUT = 5_000
/** The `readyState` of a WebSocket that is open. */
const OPEN = 1

export class Attempt {
  readonly #options: Resolved
  readonly #owner: AttemptOwner
  readonly #abort = new AbortController()
  readonly #timer: { clear(): void }
  #socket: LineSocket | undefined
  #opened = false
  #over = false

  constructor(options: Resolved, number: number, owner: AttemptOwner) {
    this.#options = options
    this.#owner = owner
    const value = options.attemptTimeout
    this.#timer = options.clock.setTimeout(() => this.fail(late('attemptTimeout', value)), value)
    this.#dial({ attempt: number, signal: this.#abort.signal }).catch(error => this.fail(asError(error)))
  }

  /** Whether what is sent now goes out, and at most so many bytes wait before it. */
  takes(most: number): boolean {
    const socket = this.#socket
    return socket?.readyState === OPEN && socket.bufferedAmount < most
  }

  send(data: LineData): void {
    this.#socket?.send(data)
  }

  /** The line is closed for good: nothing more is told. Fulfilled when the closing handshake is over, or takes too long. */
  close(code: number, reason: string): Promise<void> {
    const socket = this.#socket
    socket?.close(code, reason)
    this.#settle()
    return new Promise(resolve => {
      if (socket === undefined) return resolve()
      const timer = this.#options.clock.setTimeout(resolve, CLOSE_TIMEOUT)
      socket.onclose = () => {
        timer.clear()
        resolve()
      }
    })
  }

  /** Gives it up. A WebSocket that is open sends its close frame yet, and nobody waits for the answer. */
  fail(error: Error, code?: number, reason?: string): void {
    if (this.#finish({ code: code ?? 1006, reason: reason ?? '', error })) this.#socket?.close(code, reason)
  }

  async #dial(context: AttemptContext): Promise<void> {
    const { url, token, protocols, WebSocket } = this.#options
    // Whoever is asked may close the line, which has to know of this attempt before.
    await undefined
    const [target, secret] = await Promise.all([given(url, context), given(token, context)])
    if (this.#over) return
    const offered = [...protocols]
    if (typeof secret === 'string') offered.push(tokenProtocol(secret))
    let socket: LineSocket
    try {
      socket = new WebSocket(String(target), offered)
    } catch (error) {
      // One that was given once will not be right at the next attempt either.
      throw typeof url === 'function' ? error : new UsageError(String(error), 'url')
    }
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    // The close event says all; the class of ws throws what nobody listens to.
    socket.onerror = () => {}
    socket.onopen = () => {
      this.#opened = true
      this.#timer.clear()
      this.#owner.opened(socket.protocol)
    }
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) =>
      this.#owner.message(typeof data === 'string' ? data : new Uint8Array(data))
    socket.onclose = (event: CloseLike) => this.#finish(event, this.#options.explain?.(event))
  }

  #finish({ code, reason, error }: CloseLike, more?: Partial<LineEnd>): boolean {
    if (this.#over) return false
    this.#settle()
    this.#owner.ended({ by: 'peer', code, reason, opened: this.#opened, error, ...more })
    return true
  }

  #settle(): void {
    this.#over = true
    this.#timer.clear()
    this.#abort.abort()
    const socket = this.#socket
    if (socket !== undefined) socket.onopen = socket.onmessage = socket.onclose = null
  }
}

const given = <T>(value: ForEach<T>, context: AttemptContext): T | Promise<T> =>
  typeof value === 'function' ? (value as (context: AttemptContext) => T | Promise<T>)(context) : value

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
