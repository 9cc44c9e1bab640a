/** A TCP or TLS socket of Node as a transport: by documented API, or by the lane where Node has it. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Transport, TransportHandler } from '../../connection/transport.ts'
import { isLaneOpen, keepTimeout, learnWriting, readShared, type Writer, writeDirect } from './lane.ts'

/** A write over TLS of up to so many bytes is copied, so that its slab is free at once. */
const COPY_UP_TO = 16_384

export class NodeTransport implements Transport, Writer {
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

  constructor(socket: Socket, lane?: boolean) {
    this.#socket = socket
    this.#encrypted = (socket as TLSSocket).encrypted === true
    this.#lane = lane ?? isLaneOpen(this.#encrypted)
    socket.pause()
    socket.setTimeout(0)
    socket.setNoDelay(true)
    // Without a listener for it, an error of the network would end the process.
    socket.on('error', error => {
      this.#error = error
    })
    socket.on('close', () => this.#closed())
    if (this.#lane && !this.#encrypted) learnWriting(socket)
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
    // A socket that reads into a buffer of its own stops at once; before, it only stopped when its stream was full.
    if (this.#paused) socket.pause()
    else socket.resume()
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

  /** The lane's word that a write which went on has ended. */
  written(size: number, error?: Error): void {
    this.#pending -= size
    keepTimeout(this.#socket, this.#pending)
    if (this.#socket.destroyed) return
    if (error === undefined) this.#handler?.written()
    else this.#socket.destroy(error)
  }

  /** Undefined when this Node cannot. */
  #writeDirect(pieces: readonly Uint8Array[]): boolean | undefined {
    let size = 0
    for (const piece of pieces) size += piece.length
    const written = writeDirect(this.#socket, pieces, size, this)
    if (written === 'pending') this.#pending += size
    keepTimeout(this.#socket, this.#pending)
    if (written === 'taken') return true
    if (written === 'pending') return false
    if (written !== undefined) this.#socket.destroy(written)
    return written === undefined ? undefined : false
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
    // A socket that is destroyed counts what it had as written.
    if (error == null && !this.#socket.destroyed) this.#handler?.written()
  }

  #closed(): void {
    if (this.#over) return
    this.#over = true
    this.#handler?.closed(this.#error)
  }
}
