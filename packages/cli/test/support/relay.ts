/** A relay before a server, which writes down how each connection begins, and can stop taking them. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Log } from '../../../hotline/test/support/deadline.ts'

export class Relay implements AsyncDisposable {
  /** The first chunk of each connection. */
  readonly beginnings = new Log<string>()
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** It takes so many connections. */
  constructor(port: number, most = Number.POSITIVE_INFINITY) {
    let taken = 0
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      if (++taken === most) this.#server.close()
      const other = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      for (const end of [socket, other]) {
        this.#sockets.add(end)
        end.on('error', () => {}).once('close', () => this.#sockets.delete(end))
      }
      socket.once('data', chunk => this.beginnings.push(chunk.toString('latin1')))
      socket.pipe(other)
      other.pipe(socket)
    })
  }

  /** The URL under which it is found. */
  async listen(): Promise<URL> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return new URL(`ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }
}
