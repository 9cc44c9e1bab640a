/** One connection of the load: it reads messages while it is set up, and only counts bytes from then on. */
import { readMessage } from './frames.mjs'

const { link } = 'Bun' in globalThis ? await import('./link-bun.mjs') : await import('./link-node.mjs')

const OFFER = 'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n'

export class Connection {
  tls = false
  /** @type {{ write(bytes: Buffer): void, drain(): void, end(): void } | undefined} */
  link
  /** Called with the length of each chunk once the connection is set up. @type {((length: number) => void) | undefined} */
  counted
  /** Called when the connection ends early. @type {(error: Error) => void} */
  lost = fail
  #setup = Buffer.alloc(0)
  /** @type {(() => void) | undefined} */
  #more
  /** @type {{ resolve: (value?: unknown) => void, reject: (error: Error) => void } | undefined} */
  #opening

  /**
   * @param {number} port
   * @param {boolean} tls
   */
  async open(port, tls) {
    this.tls = tls
    const opened = new Promise((resolve, reject) => (this.#opening = { resolve, reject }))
    ;[this.link] = await Promise.all([link(port, tls, this), opened])
  }

  /** The opening handshake. RFC 6455 §4.1 */
  async upgrade(/** @type {{ path: string, deflate: boolean }} */ { path, deflate }) {
    this.write(
      Buffer.from(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${deflate ? OFFER : ''}\r\n`,
      ),
    )
    const head = await this.#take(bytes => {
      const end = bytes.indexOf('\r\n\r\n')
      return end < 0 ? undefined : { length: end + 4, text: bytes.toString('latin1', 0, end) }
    })
    if (!head.text.startsWith('HTTP/1.1 101')) throw new Error(`the server answered ${head.text.split('\r\n')[0]}`)
    const accepted = /permessage-deflate/i.test(head.text)
    if (deflate && !accepted) throw new Error('the server did not accept permessage-deflate')
  }

  /** The next message. */
  message() {
    return this.#take(readMessage)
  }

  /** Any number of bytes, without frames. */
  bytes(/** @type {number} */ length) {
    return this.#take(bytes =>
      bytes.length < length ? undefined : { length, payload: bytes.subarray(0, length), compressed: false },
    )
  }

  write(/** @type {Buffer} */ bytes) {
    this.link?.write(bytes)
  }

  end() {
    this.lost = () => {}
    this.link?.end()
  }

  opened() {
    this.#opening?.resolve()
  }

  received(/** @type {Buffer} */ chunk) {
    if (this.counted) return this.counted(chunk.length)
    this.#setup = Buffer.concat([this.#setup, chunk])
    this.#more?.()
  }

  failed(/** @type {Error} */ error) {
    this.#opening?.reject(error)
    this.lost(error)
  }

  /**
   * Waits until `read` finds something at the start of what has come, and takes that away.
   * @template {{ length: number }} T
   * @param {(bytes: Buffer) => T | undefined} read
   * @returns {Promise<T>}
   */
  async #take(read) {
    for (;;) {
      const found = read(this.#setup)
      if (found) {
        this.#setup = this.#setup.subarray(found.length)
        return found
      }
      await new Promise(resolve => (this.#more = () => resolve(undefined)))
    }
  }
}

/** A load that lost a connection has nothing to say. */
export function fail(/** @type {Error} */ error) {
  console.error(error.message)
  process.exit(1)
}
