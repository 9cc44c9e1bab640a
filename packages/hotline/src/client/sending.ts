/** What `send()` gives to a line, and what `bufferedAmount` says of it. WebSockets standard §3 */
import type { Connection } from '../connection/connection.ts'
import type { Limits } from '../connection/limits.ts'
import type { Sender } from '../connection/sender.ts'
import { WebSocketError } from '../errors.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'

/** A message as `toContent` gives it. */
export type Content = string | Uint8Array | Blob

/** So much may wait without being written before the tick is over: far less than FLUSH_FROM in sender.ts. */
const CALM = 16_384
/** A frame has this much more than its payload at most. RFC 6455 §5.2 */
const HEADER = 14

export class Sending {
  #connection: Connection | undefined
  /** What may wait on the line without being written at once. */
  #calm = 0
  /** Bytes that were sent when nothing could be sent any more: they are counted for ever. */
  #unsendable = 0
  /** Bytes that the system took within the task that sent them. */
  #taken = 0

  /** The line is there. */
  begin(connection: Connection, { highMark }: Limits): void {
    this.#connection = connection
    this.#calm = Math.min(CALM, highMark) - HEADER
  }

  /** `bufferedAmount`: that of the last turn of the event loop, and what this task has sent. */
  get buffered(): number {
    return this.#unsendable + this.#taken + (this.#connection?.sender.buffered ?? 0)
  }

  /** Sends, or only counts when nothing can be sent any more. */
  send(content: Content): void {
    const sender = this.#connection?.sender
    if (sender?.isOpen !== true) this.drop(content)
    else if (content instanceof Blob) sender.send(content).catch(cause => this.#blobFailed(cause))
    else if (this.#staysCalm(content)) sender.send(content)
    else this.#sendAndCount(sender, content)
  }

  /** What is sent behind the end: it goes nowhere, and is counted. */
  drop(content: Content): void {
    this.#unsendable += sizeOf(content)
  }

  /** Begins the closing handshake, behind all that was sent before. */
  close(code: number, reason: string): void {
    this.#connection?.sender.close(code, reason)
  }

  /** True when none of it can leave before the tick is over. A unit of text has at most three bytes. */
  #staysCalm({ length }: string | Uint8Array): boolean {
    return this.#connection !== undefined && this.#connection.queued + length * 3 < this.#calm
  }

  /** The system may take it at once; the task that sends it is not to see that. */
  #sendAndCount(sender: Sender, content: string | Uint8Array): void {
    const before = this.buffered
    sender.send(content)
    const gone = before + sizeOf(content) - this.buffered
    if (gone <= 0) return
    if (!sender.isOpen) {
      this.#unsendable += gone
      return
    }
    if (this.#taken === 0) nodeRuntime.clock.afterTick(() => this.#taskOver())
    this.#taken += gone
  }

  #taskOver(): void {
    this.#taken = 0
  }

  /** What cannot be read cannot be sent: nothing is left out quietly, the line goes. */
  #blobFailed(cause: unknown): void {
    if (!(cause instanceof WebSocketError))
      this.#connection?.terminate(new WebSocketError('ERR_CONNECTION', 'a Blob could not be read', { cause }))
  }
}

function sizeOf(content: Content): number {
  if (typeof content === 'string') return nodeRuntime.codec.byteLength(content)
  return content instanceof Blob ? content.size : content.length
}
