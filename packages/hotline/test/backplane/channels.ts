/** Two ends of a channel in this process, over which values go as they do between processes, and which a test can hold. */
import { deserialize, serialize } from 'node:v8'
import type { Channel, Envelope } from '../../src/backplane/link/channel.ts'

interface Waiting {
  readonly message: Buffer
  readonly to: End
  readonly sent: () => void
}

class End implements Channel {
  other: End = this
  readonly #line: Line
  #hear: ((envelope: Envelope) => void) | undefined
  #closed: (() => void) | undefined

  constructor(line: Line) {
    this.#line = line
  }

  send(envelope: Envelope, sent: () => void): void {
    this.#line.carry({ message: serialize(envelope), to: this.other, sent })
  }

  listen(hear: (envelope: Envelope) => void, closed: () => void): () => void {
    this.#hear = hear
    this.#closed = closed
    return () => {
      this.#hear = undefined
      this.#closed = undefined
    }
  }

  hear(message: Buffer): void {
    this.#hear?.(deserialize(message))
  }

  close(): void {
    this.#closed?.()
  }
}

/** A line between two processes. */
export class Line {
  readonly near: Channel
  readonly far: Channel
  /** Bytes that have gone over it, and messages. */
  bytes = 0
  messages = 0
  readonly #ends: readonly [End, End]
  #waiting: Waiting[] = []
  #held = false
  #cut = false
  #due = false

  constructor() {
    const [near, far] = [new End(this), new End(this)]
    near.other = far
    far.other = near
    this.#ends = [near, far]
    this.near = near
    this.far = far
  }

  carry(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#schedule()
  }

  /** Nothing arrives until `release`. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.#schedule()
  }

  /** One of the processes is gone. */
  cut(): void {
    this.#cut = true
    this.#waiting = []
    for (const end of this.#ends) end.close()
  }

  #schedule(): void {
    if (this.#due || this.#held || this.#cut || this.#waiting.length === 0) return
    this.#due = true
    setImmediate(() => {
      this.#due = false
      if (!this.#held) for (const one of this.#waiting.splice(0)) this.#deliver(one)
    })
  }

  #deliver({ message, to, sent }: Waiting): void {
    this.bytes += message.byteLength
    this.messages++
    to.hear(message)
    sent()
  }
}
