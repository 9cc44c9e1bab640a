/** Which bytes of a socket belong to which request: browsers use one connection for many. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** One request and its answer, or one line. */
export interface Exchange {
  /** Bytes so far, with all headers and frames. */
  readonly bytes: number
  readonly over: boolean
  /** Ends it at once. */
  cut(): void
}

export class Meter {
  /** Bytes that each socket had received when its last request was there. */
  readonly #known = new WeakMap<Socket, number>()

  /**
   * To be told of every request of the server: what a socket received since the one before is this one, since browsers
   * ask for nothing before they have their answer.
   */
  begin({ socket }: IncomingMessage, response: ServerResponse): Exchange {
    const received = socket.bytesRead - (this.#known.get(socket) ?? 0)
    this.#known.set(socket, socket.bytesRead)
    const before = socket.bytesWritten
    let sent: number | undefined
    response.once('close', () => {
      sent = socket.bytesWritten - before
    })
    return {
      get bytes() {
        return received + (sent ?? socket.bytesWritten - before)
      },
      get over() {
        return sent !== undefined
      },
      cut: () => response.destroy(),
    }
  }

  /** A line has its socket for itself, from the opening handshake to the end. */
  line({ socket }: IncomingMessage): Exchange {
    const start = { received: this.#known.get(socket) ?? 0, sent: socket.bytesWritten }
    return {
      get bytes() {
        return socket.bytesRead - start.received + socket.bytesWritten - start.sent
      },
      get over() {
        return socket.destroyed
      },
      cut: () => socket.destroy(),
    }
  }
}
