/** Two transports that are each other's peer, without a network. */
import type { Transport, TransportHandler } from '../../connection/transport.ts'

/** How a pair behaves. */
export interface PairOptions {
  /** Bytes that may be on their way in one direction before a writer has to wait, like a socket's buffers. */
  readonly capacity?: number
}

const CAPACITY = 65_536

/** One end. Its bytes reach the other one after the current tick, as far as that one reads. */
export class MemoryTransport implements Transport {
  readonly #capacity: number
  #peer: MemoryTransport | undefined
  #handler: TransportHandler | undefined
  /** What the peer has written and this end has not read. */
  #incoming: Uint8Array[] = []
  #incomingSize = 0
  /** What did not fit into the peer. */
  #outgoing: Uint8Array[] = []
  #outgoingSize = 0
  #paused = false
  #ending = false
  #peerEnded = false
  #endTold = false
  #over = false
  #error: Error | undefined
  #scheduled = false

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** @internal */
  static join(a: MemoryTransport, b: MemoryTransport): void {
    a.#peer = b
    b.#peer = a
  }

  get queued(): number {
    return this.#outgoingSize
  }

  open(handler: TransportHandler): void {
    this.#handler = handler
    if (this.#over) handler.closed(this.#error)
    else this.#schedule()
  }

  write(bytes: Uint8Array | readonly Uint8Array[]): boolean {
    if (this.#over || this.#ending) return false
    for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
      this.#outgoing.push(new Uint8Array(piece))
      this.#outgoingSize += piece.length
    }
    this.#push()
    return true
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  end(): void {
    if (this.#ending || this.#over) return
    this.#ending = true
    this.#push()
    this.#schedule()
  }

  destroy(): void {
    this.cut()
  }

  /** Cuts the wire: this end closes, and the other one with an error, as after a reset. */
  cut(error?: Error): void {
    if (this.#over) return
    this.#close()
    const peer = this.#peer
    if (peer !== undefined) queueMicrotask(() => peer.#reset(error ?? new Error('the connection was reset')))
  }

  /** Moves what fits into the peer. */
  #push(): void {
    const peer = this.#peer
    if (peer === undefined) return
    while (this.#outgoing.length > 0 && peer.#incomingSize < this.#capacity) {
      const piece = this.#outgoing.shift() as Uint8Array
      this.#outgoingSize -= piece.length
      peer.#incoming.push(piece)
      peer.#incomingSize += piece.length
    }
    if (this.#ending && this.#outgoing.length === 0) peer.#peerEnded = true
    peer.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#read()
    })
  }

  #read(): void {
    const handler = this.#handler
    if (handler === undefined) return
    while (!this.#paused && !this.#over && this.#incoming.length > 0) {
      const piece = this.#incoming.shift() as Uint8Array
      this.#incomingSize -= piece.length
      handler.data(piece, 0, piece.length)
      if (this.#peer !== undefined) this.#peer.#relieved()
    }
    if (this.#paused || this.#over || !this.#peerEnded || this.#incoming.length > 0) return
    if (!this.#endTold) {
      this.#endTold = true
      handler.ended()
    }
    if (this.#ending && this.#outgoing.length === 0) this.#close()
  }

  /** The peer has read some. */
  #relieved(): void {
    const before = this.#outgoingSize
    this.#push()
    if (this.#outgoingSize < before) this.#handler?.written()
    if (this.#endTold) this.#schedule()
  }

  #reset(error: Error): void {
    if (!this.#over) this.#close(this.#ending && this.#peerEnded ? undefined : error)
  }

  #close(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#incoming = []
    this.#outgoing = []
    this.#outgoingSize = this.#incomingSize = 0
    const handler = this.#handler
    queueMicrotask(() => handler?.closed(error))
  }
}

/** A pair of transports: what is written to one is read from the other. */
export function transportPair(options: PairOptions = {}): [MemoryTransport, MemoryTransport] {
  const capacity = options.capacity ?? CAPACITY
  const pair: [MemoryTransport, MemoryTransport] = [new MemoryTransport(capacity), new MemoryTransport(capacity)]
  MemoryTransport.join(...pair)
  return pair
}
