/** A TCP proxy that passes all on, until it is told to swallow, or to cut after some more bytes. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Swallower {
  readonly port: number
  /** Connections that were made. */
  readonly connections: number
  /** Nothing comes through any more, in either direction, and nobody is told. New connections get nothing either. */
  swallow(): void
  /** All comes through again that is sent from now on, over new connections; those of before stay dead. */
  pass(): void
  /** Reads nothing of what the server sends, until `release`. */
  hold(): void
  release(): void
  /** Cuts the connection on which so many more bytes have come from its client. */
  cutAfter(bytes: number): void
  /** Cuts all. */
  cut(): void
  end(): Promise<void>
}

export async function startSwallower(port: number): Promise<Swallower> {
  const sockets = new Set<Socket>()
  let swallowing = false
  let left = Number.POSITIVE_INFINITY
  let connections = 0
  let holding = false
  const fars = new Set<Socket>()
  const server = createServer(near => {
    connections++
    const far = connect(port, '127.0.0.1')
    let dead = swallowing
    fars.add(far)
    far.on('close', () => fars.delete(far))
    if (holding) far.pause()
    const cut = (): void => {
      near.destroy()
      far.destroy()
    }
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true).on('error', cut)
      from.on('close', () => {
        sockets.delete(from)
        dead ||= swallowing
        // The other end hears nothing of it while all is swallowed; else it gets all that came before.
        if (!dead) to.end()
      })
      from.on('data', chunk => {
        dead ||= swallowing
        if (dead) return
        if (from === far) return void to.write(chunk)
        to.write(chunk.subarray(0, left))
        left -= chunk.length
        if (left > 0) return
        left = Number.POSITIVE_INFINITY
        cut()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    swallow: () => void (swallowing = true),
    pass: () => void (swallowing = false),
    hold() {
      holding = true
      for (const far of fars) far.pause()
    },
    release() {
      holding = false
      for (const far of fars) far.resume()
    },
    cutAfter: bytes => void (left = bytes),
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async end() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
