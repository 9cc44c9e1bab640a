/** A client that nobody made for the server: it speaks hotline.1 by hand, and so may say anything. */
import type { ClientSocket } from 'hotline/client'
import { Log } from '../../packages/hotline/test/support/deadline.ts'

export type Wire = Record<string, unknown>

export class Forger implements AsyncDisposable {
  readonly #socket: ClientSocket
  readonly messages = new Log<Wire>()
  #id = 0

  constructor(socket: ClientSocket) {
    this.#socket = socket
    this.#read()
  }

  get closed() {
    return this.#socket.closed
  }

  /** Text goes as it is. */
  send(message: Wire | string, bytes?: Uint8Array): Promise<void> {
    const json = typeof message === 'string' ? message : JSON.stringify(message)
    return this.#socket.send(bytes === undefined ? json : Buffer.concat([Buffer.from(`${json}\n`), bytes]))
  }

  /** Sends a message with an id, and gives its answer. */
  async ask(message: Wire, bytes?: Uint8Array): Promise<Wire> {
    const id = ++this.#id
    await this.send({ ...message, id }, bytes)
    return this.messages.find(`the answer to ${JSON.stringify(message)}`, (one): one is Wire => one['id'] === id)
  }

  async #read(): Promise<void> {
    for await (const message of this.#socket) {
      const text = typeof message === 'string' ? message : Buffer.from(message).toString('latin1')
      const [json = '', bytes] = text.split(/\n(.*)/s)
      this.messages.push({
        ...JSON.parse(json),
        ...(bytes === undefined ? {} : { data: Buffer.from(bytes, 'latin1') }),
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close()
  }
}
