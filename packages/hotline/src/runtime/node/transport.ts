/** A TCP or TLS socket of Node as a transport: by documented API, or by the lane where Node has it. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Transport, TransportHandler } from '../../connection/transport.ts'
import { isLaneOpen, keepTimeout, learnWriting, readShared, type Writer, writeDirect } from './lane.ts'

/** A write over TLS of up to so many bytes is copied, so that its slab is free at once. */
const COPY_UP_TO = 16_384

/**
 * The transport of a socket, kept on the socket itself, so that all sockets share their listeners: five functions and their
 * contexts for each were 350 bytes.
 */
const owner = Symbol('transport')

type Owned = Socket & { [owner]: NodeTransport }

export class NodeTransport implements Transport, Writer {
  readonly #socket: Owned
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
  /** True while the stream may have bytes to write. */
  #streams = true

  constructor(socket: Socket, lane?: boolean) {
    this.#socket = Object.assign(socket, { [owner]: this })
    this.#encrypted = (socket as TLSSocket).encrypted === true
    this.#lane = lane ?? isLaneOpen(this.#encrypted)
    socket.pause()
    socket.setTimeout(0)
    socket.setNoDelay(true)
    // Without a listener for it, an error of the network would end the process.
    socket.on('error', failed).on('close', closed)
    if (this.#lane && !this.#encrypted) learnWriting(socket)
  }

  get queued(): number {
    return this.#streams ? this.#pending + this.#socket.writableLength : this.#pending
  }

  open(handler: TransportHandler): void {
    this.#handler = handler
    if (this.#over) {
      handler.closed(this.#error)
      return
    }
    const socket = this.#socket
    socket.on('end', ended)
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) this.received(chunk, chunk.length)
    const shared = this.#lane && readShared(socket, received)
    if (!shared) socket.on('data', read)
    // A socket that reads into a buffer of its own stops at once; before, it only stopped when its stream was full.
    if (this.#paused) socket.pause()
    else socket.resume()
  }

  write(bytes: Uint8Array | readonly Uint8Array[]): boolean {
    if (this.#ending) return false
    this.#streams = !this.#lane || this.#encrypted || this.#socket.writableLength > 0
    if (!this.#streams) {
      const written = this.#writeDirect(bytes)
      if (written !== undefined) return written
      this.#streams = true
    }
    return this.#socket.writable && this.#writeStream(bytes instanceof Uint8Array ? [bytes] : bytes)
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
    this.#progressed(error)
  }

  received(bytes: Uint8Array, end: number): void {
    this.#handler?.data(bytes, 0, end)
  }

  ended(): void {
    this.#handler?.ended()
  }

  /** An error is the end, also one after which Node leaves the socket open: a peer that renegotiates TLS without end. */
  failed(error: Error): void {
    this.#error ??= error
    this.#socket.destroy()
  }

  closed(): void {
    if (this.#over) return
    this.#over = true
    this.#handler?.closed(this.#error)
  }

  /** Undefined when this Node cannot. */
  #writeDirect(bytes: Uint8Array | readonly Uint8Array[]): boolean | undefined {
    const size = bytes instanceof Uint8Array ? bytes.length : bytes.reduce((sum, piece) => sum + piece.length, 0)
    const written = writeDirect(this.#socket, bytes, size, this)
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
    const written = (error?: Error | null): void => {
      if (error == null) this.#progressed()
    }
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) socket.write(copies ? new Uint8Array(piece) : piece, written)
    if (pieces.length > 1) socket.uncork()
    return copies || socket.writableLength === 0
  }

  /** A write has ended; a socket that is destroyed counts what it had as written. */
  #progressed(error?: Error): void {
    if (this.#socket.destroyed) return
    if (error === undefined) this.#handler?.written()
    else this.#socket.destroy(error)
  }
}

// The listeners are methods of the socket.

function received(this: Owned, end: number, bytes: Uint8Array): true {
  this[owner].received(bytes, end)
  return true
}

function read(this: Owned, chunk: Buffer): void {
  this[owner].received(chunk, chunk.length)
}

function ended(this: Owned): void {
  this[owner].ended()
}

function failed(this: Owned, error: Error): void {
  this[owner].failed(error)
}

function closed(this: Owned): void {
  this[owner].closed()
}
