/** A TCP proxy that cuts each connection where the test says. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export class CuttingProxy implements AsyncDisposable {
  readonly url: string
  /** Connections that came. */
  count = 0
  readonly #server: ReturnType<typeof createServer>
  readonly #sockets = new Set<Socket>()

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** @param cutAt - how many bytes of the server the connection of this number (from 0 on) lets through */
  static async before(port: number, cutAt: (connection: number) => number): Promise<CuttingProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new CuttingProxy(server)
    server.on('connection', client => proxy.#join(client, connect(port, '127.0.0.1'), cutAt(proxy.count++)))
    return proxy
  }

  /** Cuts all that are open. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, server: Socket, left: number): void {
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    client.on('data', chunk => server.write(chunk))
    server.on('data', chunk => {
      const through = chunk.subarray(0, left)
      left -= chunk.length
      if (left >= 0) client.write(through)
      else client.end(through)
    })
  }
}
