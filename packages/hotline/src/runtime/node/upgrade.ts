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

/** What a server needs of a request, however it came. */
export type Upgrade = Pick<NodeUpgrade, keyof NodeUpgrade>

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
  #gone: (() => void) | undefined
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
  }

  /** Calls back when the peer goes before it has its answer: for a decision that takes time. */
  watch(gone: () => void): void {
    this.#gone = gone
    this.#socket.setTimeout(0)
    this.#socket.on('error', destroy).on('close', gone).on('end', gone)
  }

  /** True once it was refused or accepted: there is one answer. */
  get answered(): boolean {
    return this.#answered
  }

  /** Answers with a status other than 101, and hangs up. */
  refuse(status: number, reason: string, fields: readonly Field[]): void {
    if (this.#answered) return
    this.#answer()
    this.#socket.setTimeout(0)
    this.#socket.on('error', destroy)
    const body = `${reason}\n`
    const own: Field[] = [
      ['Connection', 'close'],
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', String(Buffer.byteLength(body))],
    ]
    const taken = new Fields(fields)
    const all = [...own.filter(([name]) => !taken.has(name)), ...fields]
    this.#socket.write(Buffer.concat([headOf(status, all), Buffer.from(body)]))
    hangUp(this.#socket)
  }

  /** Hangs up on a peer that has gone before it had its answer. */
  drop(): void {
    if (this.#answered) return
    this.#answer()
    this.#socket.on('error', destroy)
    this.#socket.destroy()
  }

  /** Answers with 101; from then on the bytes are WebSocket's. RFC 6455 §4.2.2 */
  accept(fields: readonly Field[]): { transport: Transport; head: Uint8Array } {
    this.#answer()
    const transport = new NodeTransport(this.#socket)
    transport.write(headOf(101, fields))
    return { transport, head: this.#head }
  }

  /** There is one answer, and with it nothing of ours is left on the socket: it would live as long as the line. */
  #answer(): void {
    this.#answered = true
    if (this.#gone === undefined) return
    this.#socket.off('error', destroy).off('close', this.#gone).off('end', this.#gone)
    this.#gone = undefined
  }
}

/** A listener for the errors of a socket, without which they would end the process. */
function destroy(this: Socket): void {
  this.destroy()
}

/** The head of an answer. No field that goes out may end the line that it stands on. */
function headOf(status: number, fields: readonly Field[]): Buffer {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (const [name, value] of fields) if (isToken(name) && isFieldValue(value)) head += `${name}: ${value}\r\n`
  return Buffer.from(`${head}\r\n`, 'latin1')
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
