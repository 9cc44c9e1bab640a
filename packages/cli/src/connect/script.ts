/** A line that ends by itself: everything is sent, and then it stays for as long as it was told to. */
import { type ClientSocket, ClosedError, type Data } from 'hotline/client'
import type { Printer } from './printer.ts'

/** When it is over. */
export interface Until {
  /** Messages that are waited for. */
  readonly count: number | undefined
  /** Milliseconds without sending after which it ends; Infinity for never. */
  readonly wait: number | undefined
  /** Ends it early. */
  readonly signal: AbortSignal
  /** Awaited before anything is sent, while messages come; it does not end before. */
  readonly ready?: Promise<unknown>
}

/** Without `count` and `wait`: when all is sent and nothing has come for so many milliseconds. */
const QUIET = 1_000

/** How it went. */
export interface Outcome {
  readonly received: number
  /** True when the end was ours, not the server's or the network's. */
  readonly ours: boolean
}

/** Sends, prints what comes, and closes when it is over. */
export async function runScript(
  socket: ClientSocket,
  outgoing: AsyncIterable<Data> | Iterable<Data>,
  printer: Printer,
  { count, wait, signal, ready = Promise.resolve() }: Until,
): Promise<Outcome> {
  const timer = new Timer(wait ?? (count === undefined ? QUIET : Number.POSITIVE_INFINITY), signal)
  const end = (): void => timer.end()
  let received = 0
  const receive = async (): Promise<void> => {
    for await (const message of socket) {
      if (received === count) continue // only `ready` is awaited
      await printer.message(message)
      if (++received === count) ready.then(end, end)
      else if (wait === undefined) timer.restart()
    }
    timer.end()
  }
  const send = async (): Promise<void> => {
    await ready
    if (wait !== undefined) timer.start()
    for await (const data of outgoing) {
      await socket.send(data)
      if (wait !== undefined) timer.restart()
    }
    timer.start()
  }
  const receiving = receive()
  await Promise.race([timer.over, Promise.all([receiving, send().catch(expectClosed)])])
  const ours = socket.state === 'open'
  await socket.close()
  await receiving
  return { received, ours }
}

/** When the line is closed, its end says so. */
function expectClosed(error: unknown): void {
  if (!(error instanceof ClosedError)) throw error
}

/** A deadline that can be put off, and that may come early. */
class Timer {
  readonly over: Promise<void>
  readonly #milliseconds: number
  #resolve = (): void => {}
  #timeout: NodeJS.Timeout | undefined
  #ended = false

  constructor(milliseconds: number, signal: AbortSignal) {
    this.#milliseconds = milliseconds
    this.over = new Promise(resolve => {
      this.#resolve = resolve
    })
    signal.addEventListener('abort', () => this.end())
    if (signal.aborted) this.end()
  }

  /** Begins, if it has not begun. */
  start(): void {
    if (this.#timeout !== undefined || this.#ended || this.#milliseconds === Number.POSITIVE_INFINITY) return
    this.#timeout = setTimeout(() => this.end(), this.#milliseconds)
  }

  /** Begins anew, if it has begun. */
  restart(): void {
    if (!this.#ended) this.#timeout?.refresh()
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timeout)
    this.#resolve()
  }
}
