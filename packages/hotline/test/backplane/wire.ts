/** Values over a socket between a test and the processes that it drives. */
import type { Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'

export type Value = readonly [what: string, ...rest: unknown[]]

/** Calls back with each value that comes; returns what sends one. */
export function wire(socket: Socket, hear: (value: Value) => void): (value: Value) => void {
  let rest: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0)
      const value = deserialize(rest.subarray(4, end)) as Value
      rest = rest.subarray(end)
      hear(value)
    }
  })
  return value => {
    const body = serialize(value)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(body.length)
    socket.write(Buffer.concat([head, body]))
  }
}
