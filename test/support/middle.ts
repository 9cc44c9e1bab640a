/** What stands between a client and a server of TCP: it passes everything on, nothing at all, or ends what goes through it. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Middle implements AsyncDisposable {
  readonly #server: Server
  readonly #port: () => number
  readonly #sockets = new Set<Socket>()
  #swallows = false
  /** Bytes that clients may still send before something happens. */
  #left = Number.POSITIVE_INFINITY
  #then = (): void => {}

  private constructor(port: () => number) {
    this.#port = port
    this.#server = createServer(client => this.#join(client))
  }

  /** @param port - of the server, asked for each connection */
  static async start(port: () => number): Promise<Middle> {
    const middle = new Middle(port)
    middle.#server.listen(0, '127.0.0.1')
    await once(middle.#server, 'listening')
    return middle
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** From now on nothing comes through, not even the end of a connection. */
  swallow(): void {
    this.#swallows = true
  }

  /** Does something once clients have sent so many bytes more. */
  after(bytes: number, then: () => void): void {
    this.#left = bytes
    this.#then = then
  }

  /** Lets everything through again; what was swallowed is lost, and so are the connections that it was for. */
  heal(): void {
    this.#swallows = false
    this.#left = Number.POSITIVE_INFINITY
    this.cut()
  }

  /** Ends all connections, in the middle of whatever they carry. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(client: Socket): void {
    const server = connect(this.#port(), '127.0.0.1')
    const pair = [client, server] as const
    for (const socket of pair) {
      const other = socket === client ? server : client
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('data', bytes => {
        const passes = socket === client ? bytes.subarray(0, this.#left) : bytes
        if (!this.#swallows) other.write(passes)
        if (socket === client) this.#count(bytes.length)
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        if (!this.#swallows) other.destroy()
      })
    }
  }

  #count(bytes: number): void {
    this.#left -= bytes
    if (this.#left > 0) return
    this.#left = Number.POSITIVE_INFINITY
    this.#then()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
