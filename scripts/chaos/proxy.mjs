/** A proxy that cuts connections at any byte, and delays and splits what it passes on. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Bytes after which a connection is cut, at most. */
const LONGEST = 60_000
/** One connection in so many is left alone. */
const WHOLE = 4

/**
 * @param {number} port of the server
 * @param {import('./random.mjs').Random} random
 */
export async function startProxy(port, random) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  let calm = false
  const counts = { connections: 0, cuts: 0 }
  const server = createServer(near => {
    counts.connections++
    const far = connect(port, '127.0.0.1')
    const plan = { left: random.oneIn(WHOLE) ? Number.POSITIVE_INFINITY : random.below(LONGEST), slow: random.below(3) }
    const cut = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    pass(near, far)
    pass(far, near)

    /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
    function pass(from, to) {
      from.on('data', async chunk => {
        from.pause()
        for (const piece of pieces(chunk)) {
          if (!calm && plan.slow > 0) await new Promise(resolve => setTimeout(resolve, random.below(plan.slow * 4)))
          const whole = calm || piece.length < plan.left
          plan.left -= piece.length
          to.write(whole ? piece : piece.subarray(0, Math.max(0, piece.length + plan.left)))
          if (whole) continue
          counts.cuts++
          // What was written before the cut arrives, or not.
          if (random.oneIn(2)) to.end(cut)
          else cut()
          return
        }
        from.resume()
      })
    }
  })

  /** @param {Buffer} chunk */
  function pieces(chunk) {
    if (chunk.length < 2 || random.oneIn(2)) return [chunk]
    const at = 1 + random.below(chunk.length - 1)
    return [chunk.subarray(0, at), chunk.subarray(at)]
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    counts,
    /** Cuts one of the connections now. */
    cutOne() {
      const socket = random.pick([...sockets])
      if (socket === undefined) return
      counts.cuts++
      socket.destroy()
    },
    /** From now on all is passed on at once. */
    calm() {
      calm = true
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
