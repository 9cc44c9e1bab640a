/** TCP and TLS of Bun: what a read and a write cost the load is a fraction of what they cost through node:net. */

/** @typedef {import('./connection.mjs').Connection} Connection */

// The types of Bun are not those of Node, so they stay outside.
const { Bun } = /** @type {any} */ (globalThis)

/** One set of handlers for all: `data` of Bun's socket is the connection. */
const handlers = {
  open(/** @type {any} */ socket) {
    if (!socket.data.tls) socket.data.opened()
  },
  handshake(/** @type {any} */ socket, /** @type {boolean} */ success, /** @type {Error | null} */ error) {
    // The certificate is the benchmark's own, which nobody vouches for: only a handshake that failed is an error.
    if (success || socket.data.tls) socket.data.opened()
    else socket.data.failed(error)
  },
  data(/** @type {any} */ socket, /** @type {Buffer} */ chunk) {
    socket.data.received(chunk)
  },
  drain(/** @type {any} */ socket) {
    socket.data.link.drain()
  },
  close(/** @type {any} */ socket) {
    socket.data.failed(new Error('the server closed the connection'))
  },
  error(/** @type {any} */ socket, /** @type {Error} */ error) {
    socket.data.failed(error)
  },
  connectError(/** @type {any} */ socket, /** @type {Error} */ error) {
    socket.data.failed(error)
  },
}

class BunLink {
  /** @type {Buffer | undefined} What the kernel has not taken yet. */
  #rest
  #socket

  constructor(/** @type {any} */ socket) {
    this.#socket = socket
  }

  write(/** @type {Buffer} */ bytes) {
    if (this.#rest) throw new Error('the load writes before its last write is done')
    const taken = this.#socket.write(bytes)
    if (taken < bytes.length) this.#rest = bytes.subarray(Math.max(0, taken))
  }

  drain() {
    const rest = this.#rest
    this.#rest = undefined
    if (rest) this.write(rest)
  }

  end() {
    this.#socket.end()
  }
}

/**
 * @param {number} port
 * @param {boolean} tls
 * @param {Connection} connection
 */
export async function link(port, tls, connection) {
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    ...(tls && { tls: { rejectUnauthorized: false } }),
    data: connection,
    socket: handlers,
  })
  return new BunLink(socket)
}
