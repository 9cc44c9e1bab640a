/** What the attackers share: lines that do not read, and floods of frames that wait for the system and no longer. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fromPeer, join } from '../protocol/support.ts'
import { within } from '../support/deadline.ts'
import { RawClient } from '../support/raw.ts'

/** A line on which nothing is read any more. */
export async function deaf(port: number, path = '/'): Promise<RawClient> {
  const client = await RawClient.open(port, { path })
  client.socket.pause()
  return client
}

/** A line that reads, and only counts what comes: a flood's answers are too many to keep. */
export async function counting(port: number, path = '/') {
  const client = await RawClient.open(port, { path })
  const { socket } = client
  const counted = { client, bytes: 0 }
  socket.removeAllListeners('data')
  socket.on('data', chunk => {
    counted.bytes += chunk.length
    client.log.changed()
  })
  return counted
}

/** Hangs up when the server has, as a client does. RFC 6455 §7.1.1 */
export async function leave(client: RawClient): Promise<void> {
  await client.ended()
  client.socket.end()
}

/** The frame so many times over, as a client sends it. */
export function repeated(frames: string, count: number): Uint8Array {
  const one = fromPeer('server', frames)
  return join(Array.from({ length: count }, () => one))
}

/** Writes the bytes so often, as fast as the system takes them; ends early when the line does. */
export async function pour({ socket }: RawClient, bytes: Uint8Array, rounds: number): Promise<void> {
  for (let i = 0; i < rounds && socket.writable; i++) {
    if (!socket.write(bytes)) await drained(socket)
  }
}

/** Fulfilled when the system has taken what was written, or the line is closed. */
async function drained(socket: Socket, ms?: number): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  const either = Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })])
  try {
    await within('the server to read', either, ms)
  } finally {
    done.abort()
  }
}

/** Milliseconds without a byte taken, after which a server does not read. */
const CLOGGED = 400

/** Writes the bytes again and again until the system takes no more, since the server does not read; says how many. */
export async function clog({ socket }: RawClient, bytes: Uint8Array, most: number): Promise<number> {
  let written = 0
  while (socket.writable && written < most) {
    written += bytes.length
    if (socket.write(bytes)) continue
    const clogged = await drained(socket, CLOGGED).then(
      () => false,
      () => true,
    )
    if (clogged) break
  }
  return written
}

/** Writes the bytes one at a time, each in a packet of its own as far as that can be asked for. */
export async function dribble({ socket }: RawClient, bytes: Uint8Array): Promise<void> {
  socket.setNoDelay(true)
  for (const byte of bytes) {
    socket.write(Uint8Array.of(byte))
    await new Promise(setImmediate)
  }
}
