/** One connection of the load: what is in flight on it, and which answer belongs to which message. */
import type { ClientSocket, Message } from 'hotline/client'
import type { Payloads } from './payloads.ts'
import type { MutableCounts } from './tally.ts'

/** What a line tells the load. */
export interface LineOwner {
  readonly payloads: Payloads
  readonly counts: MutableCounts
  /** An answer came to the message that was meant to be sent at `intended`. */
  answered(line: Line, intended: number): void
}

/** An answer is looked for among so many messages that are in flight. */
const SEARCH = 64

export class Line {
  readonly socket: ClientSocket
  /** Its number among the lines of its thread, from 0 on. */
  readonly index: number
  /** Open loop: how many messages should have been sent by now. */
  due = 0
  sent = 0
  /** True when the load has ended it: how it ends is then no news. */
  left = false
  readonly #owner: LineOwner
  readonly #reader: AsyncIterator<Message, undefined>
  /** When the messages in flight were meant to be sent, by their number modulo its length. */
  readonly #times: Float64Array
  #settled = 0
  #closing = false
  /** What was settled when it was last asked about. */
  #seen = -1
  #stillSince = 0

  constructor(socket: ClientSocket, index: number, pipeline: number, owner: LineOwner) {
    this.socket = socket
    this.index = index
    this.#owner = owner
    this.#times = new Float64Array(pipeline)
    this.#reader = socket[Symbol.asyncIterator]()
    socket.signal.addEventListener('abort', () => {
      this.#closing = true
    })
    this.#reader.next().then(this.#take)
  }

  get inFlight(): number {
    return this.sent - this.#settled
  }

  /** True while another message may go into flight. */
  get free(): boolean {
    return this.inFlight < this.#times.length && !this.left && !this.#closing
  }

  send(intended: number): void {
    this.#times[this.sent % this.#times.length] = intended
    // It rejects when the line closes, which `closed` of the socket tells as well.
    this.socket.send(this.#owner.payloads.at(this.index, this.sent))
    this.sent++
    this.#owner.counts.sent++
  }

  /** True when messages are in flight and none was answered for so long. To be asked from time to time. */
  stalled(now: number, timeout: number): boolean {
    if (this.inFlight === 0 || this.#settled !== this.#seen) {
      this.#seen = this.#settled
      this.#stillSince = now
    }
    return now - this.#stillSince > timeout
  }

  /** Nothing more is expected: what is in flight stays unanswered. Returns how much that is. */
  giveUp(): number {
    const { inFlight } = this
    this.left = true
    this.#settled = this.sent
    this.#owner.counts.unanswered += inFlight
    return inFlight
  }

  readonly #take = ({ done, value }: IteratorResult<Message, undefined>): void => {
    if (done) return
    this.#receive(value)
    this.#reader.next().then(this.#take)
  }

  #receive(message: Message): void {
    const { counts, payloads } = this.#owner
    const first = this.#settled
    const end = Math.min(this.sent, first + SEARCH)
    for (let at = first; at < end; at++) {
      if (!payloads.matches(message, this.index, at)) continue
      this.#settled = at + 1
      counts.skipped += at - first
      counts.answered++
      counts.bytesReceived += message.length
      this.#owner.answered(this, this.#times[at % this.#times.length] as number)
      return
    }
    counts.foreign++
    counts.bytesReceived += Buffer.byteLength(message)
    if (this.sent === 0) counts.greetings++
  }
}
