/** A request to upgrade, as node:http gives it: read once, then refused, accepted, or handed back. RFC 9110 §7.8 */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Transport } from '../../connection/transport.ts'
import { type Field, Fields, isFieldValue, isToken } from '../../protocol/handshake/fields.ts'
import { NodeTransport } from './transport.ts'

/** How long a refused peer may take to hang up. */
const LINGER = 2_000

export class NodeUpgrade {
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly fields: Fields
  readonly peerAddress: string
  readonly encrypted: boolean
  readonly raw: IncomingMessage
  readonly #socket: Socket
  readonly #head: Uint8Array
  readonly #gone = new AbortController()
  #answered = false

  constructor(request: IncomingMessage, duplex: Duplex, head: Uint8Array) {
    const socket = duplex as Socket
    this.method = request.method ?? ''
    this.target = request.url ?? ''
    this.httpVersion = request.httpVersion
    this.fields = Fields.fromFlat(request.rawHeaders)
    this.peerAddress = socket.remoteAddress ?? ''
    this.encrypted = (socket as TLSSocket).encrypted === true
    this.raw = request
    this.#socket = socket
    this.#head = head
    socket.setTimeout(0)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#gone.abort())
    socket.once('end', () => this.#gone.abort())
  }

  /** Aborted when the peer goes before it has its answer. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** True once it was refused or accepted: there is one answer. */
  get answered(): boolean {
    return this.#answered
  }

  /** Answers with a status other than 101, and hangs up. */
  refuse(status: number, reason: string, fields: readonly Field[]): void {
    if (this.#answered) return
    this.#answered = true
    const body = `${reason}\n`
    const own: Field[] = [
      ['Connection', 'close'],
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', String(Buffer.byteLength(body))],
    ]
    const taken = new Fields(fields)
    this.#write(status, [...own.filter(([name]) => !taken.has(name)), ...fields], body)
    hangUp(this.#socket)
  }

  /** Hangs up on a peer that has gone before it had its answer. */
  drop(): void {
    if (this.#answered) return
    this.#answered = true
    this.#socket.destroy()
  }

  /** Answers with 101; from then on the bytes are WebSocket's. RFC 6455 §4.2.2 */
  accept(fields: readonly Field[]): { transport: Transport; head: Uint8Array } {
    this.#answered = true
    const transport = new NodeTransport(this.#socket)
    this.#write(101, fields, '')
    return { transport, head: this.#head }
  }

  /** No field that goes out may end the line that it stands on. */
  #write(status: number, fields: readonly Field[], body: string): void {
    const sound = fields.filter(([name, value]) => isToken(name) && isFieldValue(value))
    const lines = sound.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#socket.write(Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n`, 'latin1'))
    if (body !== '') this.#socket.write(body)
  }
}

/**
 * Ends a connection on which an answer was written. What the peer still sends is read and forgotten: if it lay unread, the
 * system would reset the connection, and the peer might never see the answer.
 */
export function hangUp(socket: Socket): void {
  socket.end()
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
