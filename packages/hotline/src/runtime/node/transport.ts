/** A TCP or TLS socket of Node as a transport, by documented API only. */
import type { Socket } from 'node:net'
import type { Transport, TransportHandler } from '../../connection/transport.ts'

/** A write over TLS of up to so many bytes is copied, so that its slab is free at once. */
const COPY_UP_TO = 16_384

export class NodeTransport implements Transport {
  readonly #socket: Socket
  /** TLS takes bytes before it has written them. */
  readonly #encrypted: boolean
  #handler: TransportHandler | undefined
  #error: Error | undefined
  /** An operating system's socket that nobody listens to throws its errors: ours never is without listeners. */
  #over = false

  constructor(socket: Socket, encrypted: boolean) {
    this.#socket = socket
    this.#encrypted = encrypted
    socket.pause()
    socket.setTimeout(0)
    socket.setNoDelay(true)
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => this.#closed())
  }

  get queued(): number {
    return this.#socket.writableLength
  }

  open(handler: TransportHandler): void {
    this.#handler = handler
    if (this.#over) {
      handler.closed(this.#error)
      return
    }
    const socket = this.#socket
    socket.on('data', chunk => handler.data(chunk, 0, chunk.length))
    socket.on('end', () => handler.ended())
    socket.resume()
  }

  write(pieces: readonly Uint8Array[]): boolean {
    const socket = this.#socket
    if (!socket.writable) return false
    if (pieces.length === 1) return this.#writeOne(pieces[0])
    socket.cork()
    let free = true
    for (const piece of pieces) free = this.#writeOne(piece) && free
    socket.uncork()
    return this.#encrypted ? free : socket.writableLength === 0
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#over) this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #writeOne(piece: Uint8Array): boolean {
    const copies = this.#encrypted && piece.length <= COPY_UP_TO
    this.#socket.write(copies ? new Uint8Array(piece) : piece, this.#written)
    return copies || this.#socket.writableLength === 0
  }

  readonly #written = (error?: Error | null): void => {
    if (error == null) this.#handler?.written()
  }

  #closed(): void {
    if (this.#over) return
    this.#over = true
    this.#handler?.closed(this.#error)
  }
}
