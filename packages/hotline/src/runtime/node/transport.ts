/** A TCP or TLS socket of Node as a transport: by documented API, or by the lane where Node has it. */
import type { Socket } from 'node:net'
import type { Transport, TransportHandler } from '../../connection/transport.ts'
import { isLaneOpen, learnWriting, readShared, writeDirect } from './lane.ts'

/** A write over TLS of up to so many bytes is copied, so that its slab is free at once. */
const COPY_UP_TO = 16_384

export class NodeTransport implements Transport {
  readonly #socket: Socket
  /** TLS takes bytes before it has written them, and so it keeps to the stream. */
  readonly #encrypted: boolean
  /** True when undocumented parts of Node may be used. */
  readonly #lane: boolean
  #handler: TransportHandler | undefined
  #error: Error | undefined
  #over = false
  #ending = false
  #paused = false
  /** Bytes that the lane has given to the system and that it has not taken. */
  #pending = 0

  constructor(socket: Socket, encrypted: boolean, lane = isLaneOpen) {
    this.#socket = socket
    this.#encrypted = encrypted
    this.#lane = lane
    socket.pause()
    socket.setTimeout(0)
    socket.setNoDelay(true)
    // Without a listener for it, an error of the network would end the process.
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => this.#closed())
    if (lane && !encrypted) learnWriting(socket)
  }

  get queued(): number {
    return this.#pending + this.#socket.writableLength
  }

  open(handler: TransportHandler): void {
    this.#handler = handler
    if (this.#over) {
      handler.closed(this.#error)
      return
    }
    const socket = this.#socket
    socket.on('end', () => handler.ended())
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) handler.data(chunk, 0, chunk.length)
    const shared = this.#lane && readShared(socket, (bytes, end) => handler.data(bytes, 0, end))
    if (!shared) socket.on('data', chunk => handler.data(chunk, 0, chunk.length))
    if (!this.#paused) socket.resume()
  }

  write(bytes: Uint8Array | readonly Uint8Array[]): boolean {
    const pieces = bytes instanceof Uint8Array ? [bytes] : bytes
    const socket = this.#socket
    if (this.#ending || !socket.writable) return false
    if (this.#lane && !this.#encrypted && socket.writableLength === 0) {
      const written = this.#writeDirect(pieces)
      if (written !== undefined) return written
    }
    return this.#writeStream(pieces)
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#handler !== undefined && !this.#over) this.#socket.resume()
  }

  end(): void {
    this.#ending = true
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Undefined when this Node cannot. */
  #writeDirect(pieces: readonly Uint8Array[]): boolean | undefined {
    let size = 0
    for (const piece of pieces) size += piece.length
    const written = writeDirect(this.#socket, pieces, error => this.#directDone(size, error))
    if (written === 'taken') return true
    if (written === 'pending') this.#pending += size
    else if (written !== undefined) this.#socket.destroy(written)
    return written === undefined ? undefined : false
  }

  #directDone(size: number, error: Error | undefined): void {
    this.#pending -= size
    if (error === undefined) this.#handler?.written()
    else if (!this.#over) this.#socket.destroy(error)
  }

  #writeStream(pieces: readonly Uint8Array[]): boolean {
    const socket = this.#socket
    const copies = this.#encrypted && pieces.every(piece => piece.length <= COPY_UP_TO)
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) socket.write(copies ? new Uint8Array(piece) : piece, this.#written)
    if (pieces.length > 1) socket.uncork()
    return copies || socket.writableLength === 0
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
