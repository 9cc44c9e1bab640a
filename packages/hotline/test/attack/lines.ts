/** What the attackers share: lines that do not read, and floods of frames that wait for the system and no longer. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { within } from '../support/deadline.ts'
import { fromPeer, join } from '../protocol/support.ts'
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
async function drained(socket: Socket): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  try {
    await within('the server to read', Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]))
  } finally {
    done.abort()
  }
}

/** Writes the bytes until the system takes no more for some turns of the loop, since the server does not read. */
export async function clog({ socket }: RawClient, bytes: Uint8Array, most: number): Promise<number> {
  let written = 0
  while (socket.writable && written < most && socket.writableLength < bytes.length) {
    socket.write(bytes)
    written += bytes.length
    for (let turn = 0; turn < 50 && socket.writableLength > 0; turn++) await new Promise(setImmediate)
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
