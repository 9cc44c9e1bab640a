/** What is to be sent and cannot be yet: bounded, with a policy, and nothing is dropped without being told. */
import { LimitError } from '../../errors.ts'

/** How much may wait while a line is not open, or slow, and what happens to more. */
export interface Queue {
  /**
   * Messages that may wait.
   * @defaultValue 1000
   */
  readonly count: number
  /**
   * Bytes that may wait; of text, its `length`. High: memory while the server is away.
   * @defaultValue 1 MiB
   */
  readonly bytes: number
  /**
   * What happens to more: `refuse` rejects the new message; `drop-newest` does too, and tells the line's listeners;
   * `drop-oldest` lets the oldest ones go for it, whose promises then reject, and tells the listeners.
   * @defaultValue 'refuse'
   */
  readonly policy: 'refuse' | 'drop-oldest' | 'drop-newest'
}

/** A message as a WebSocket takes it. */
export type LineData = string | Uint8Array<ArrayBuffer>

/** A message that waits. */
export interface Waiting {
  readonly data: LineData
  /** It was handed to the WebSocket. */
  sent(): void
  /** It will not be sent. */
  failed(error: Error): void
}

export const sizeOf = (data: LineData): number => (typeof data === 'string' ? data.length : data.byteLength)

export class Outbox {
  readonly #limits: Queue
  readonly #dropped: (data: LineData) => void
  readonly #waiting = new Set<Waiting>()
  #bytes = 0

  /** @param dropped - told of each message that a policy of dropping took */
  constructor(limits: Queue, dropped: (data: LineData) => void) {
    this.#limits = limits
    this.#dropped = dropped
  }

  get count(): number {
    return this.#waiting.size
  }

  /** Takes a message by the policy; one that is not taken has failed when this returns. */
  add(message: Waiting): void {
    const { policy } = this.#limits
    const size = sizeOf(message.data)
    const passed = (): LimitError | undefined => this.#passed(this.#waiting.size, this.#bytes + size)
    const error = passed()
    const gone: Waiting[] = []
    if (policy === 'drop-oldest' && this.#passed(0, size) === undefined)
      for (const oldest of this.#waiting) if (passed() !== undefined && this.remove(oldest)) gone.push(oldest)
    if (passed() === undefined) {
      this.#waiting.add(message)
      this.#bytes += size
    } else gone.push(message)
    // Told at the end: whoever is told may send again.
    for (const one of gone) {
      one.failed(error as LimitError)
      if (policy !== 'refuse') this.#dropped(one.data)
    }
  }

  /** Takes a message out, if it still waits. */
  remove(message: Waiting): boolean {
    const waited = this.#waiting.delete(message)
    if (waited) this.#bytes -= sizeOf(message.data)
    return waited
  }

  /** Gives the oldest message to `send`, again and again while `ready` says so. True when none is left. */
  drain(ready: () => boolean, send: (data: LineData) => void): boolean {
    for (const message of this.#waiting) {
      if (!ready()) return false
      this.remove(message)
      send(message.data)
      message.sent()
    }
    return true
  }

  /** Nothing will be sent any more. */
  fail(error: Error): void {
    for (const message of [...this.#waiting]) if (this.remove(message)) message.failed(error)
  }

  /** The limit that one more message would pass, when so many and so much wait before it. */
  #passed(count: number, bytes: number): LimitError | undefined {
    const limits = this.#limits
    const option = count >= limits.count ? 'count' : bytes > limits.bytes ? 'bytes' : undefined
    if (option === undefined) return undefined
    return new LimitError('too much waits', { option: `queue.${option}`, value: limits[option] }, 1013)
  }
}
