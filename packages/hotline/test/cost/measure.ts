/** Measures what a message costs another process, by counting: what is allocated, and what is written. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { acceptFor, frame } from '../client/peer.ts'
import { within } from '../support/deadline.ts'
import { requestText } from '../support/raw.ts'

/** What the measured process tells of itself. */
export interface Sample {
  /** Bytes in the heap, and in array buffers outside of it. */
  readonly heap: number
  readonly outside: number
  /** Writes of TCP sockets, and of the whole process as Linux counts them. */
  readonly writes: number
  readonly systemWrites: number | undefined
  readonly collections: number
}

/** Bytes that no measurement may reach: the young generation, in MiB, which is not collected before. */
const YOUNG = 128

/** The process that is measured. */
export class Measured implements Disposable {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(lane: 'lane' | 'public'): Promise<Measured> {
    const child = fork(fileURLToPath(new URL('./program.mjs', import.meta.url)), {
      execArgv: ['--expose-gc', `--min-semi-space-size=${YOUNG}`, `--max-semi-space-size=${YOUNG}`],
      env: { ...process.env, HOTLINE_LANE: lane === 'public' ? 'public' : '' },
    })
    const [{ port }] = await within('the measured process', once(child, 'message'))
    return new Measured(child, port)
  }

  /** What it costs while the load runs, once it is warm. */
  async costOf(load: Load, { warm, batches }: { warm: number; batches: number }): Promise<Cost> {
    await load.run(warm)
    const before = await this.#ask('collect')
    await load.run(batches)
    const after = await this.#ask('sample')
    if (after.collections > before.collections) throw new Error('something was collected: fewer batches, please')
    const each = (key: 'heap' | 'outside' | 'writes'): number => after[key] - before[key]
    const messages = batches * load.messages
    return {
      heap: each('heap') / messages,
      outside: each('outside') / messages,
      writes: each('writes') / batches,
      systemWrites: ((after.systemWrites ?? Number.NaN) - (before.systemWrites ?? Number.NaN)) / batches,
    }
  }

  /** Makes it a client of the peer. */
  connect(client: string, peer: { readonly url: string; readonly batch: number }): void {
    this.#child.send({ client, url: peer.url, batch: peer.batch })
  }

  async #ask(order: 'collect' | 'sample'): Promise<Sample> {
    const answer = once(this.#child, 'message')
    this.#child.send(order)
    const [sample] = await within('a sample', answer)
    return sample
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}

/** Bytes for each message, writes for each batch. */
export interface Cost {
  readonly heap: number
  readonly outside: number
  readonly writes: number
  readonly systemWrites: number
}

export interface Load extends Disposable {
  /** Messages of one batch. */
  readonly messages: number
  /** Runs so many batches, and resolves when all has been answered. */
  run(batches: number): Promise<void>
}

/** Counts whole frames of a server, of up to 64 KiB. RFC 6455 §5.2 */
class FrameCounter {
  #rest: Buffer = Buffer.alloc(0)

  count(chunk: Buffer): number {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    let frames = 0
    while (at + 4 <= bytes.length) {
      const short = bytes[at + 1] as number
      const end = at + (short < 126 ? 2 + short : 4 + bytes.readUInt16BE(at + 2))
      if (end > bytes.length) break
      at = end
      frames++
    }
    this.#rest = bytes.subarray(at)
    return frames
  }
}

/** A line to the measured server, by bytes. */
class Line {
  readonly socket: Socket
  readonly #frames = new FrameCounter()
  #awaited = 0
  #done = (): void => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => {
      this.#awaited -= this.#frames.count(chunk)
      if (this.#awaited <= 0) this.#done()
    })
  }

  static async open(port: number, path: string, headers: Record<string, string> = {}): Promise<Line> {
    const socket = connect(port, '127.0.0.1')
    socket.write(requestText({ path, headers }))
    const [head] = await within('an answer', once(socket, 'data'))
    if (!String(head).startsWith('HTTP/1.1 101 ')) throw new Error(`answered with ${head}`)
    return new Line(socket)
  }

  /** Fulfilled when so many frames have come. */
  frames(count: number): Promise<void> {
    this.#awaited += count
    return new Promise(resolve => {
      this.#done = resolve
    })
  }
}

/** Some lines, on each of which a batch of masked frames is answered by as many frames. */
export async function echoes(
  port: number,
  one: Buffer,
  { batch = 32, lines = 4, headers = {} }: { batch?: number; lines?: number; headers?: Record<string, string> } = {},
): Promise<Load> {
  const open = await Promise.all(Array.from({ length: lines }, () => Line.open(port, '/echo', headers)))
  const bytes = Buffer.concat(Array.from({ length: batch }, () => one))
  return {
    messages: batch,
    async run(batches) {
      const each = open.map(async line => {
        for (let count = 0; count < batches / lines; count++) {
          const answered = line.frames(batch)
          line.socket.write(bytes)
          await answered
        }
      })
      await within('the echoes', Promise.all(each), 60_000)
    },
    [Symbol.dispose]: () => {
      for (const { socket } of open) socket.destroy()
    },
  }
}

/** One line asks for a burst of messages to everybody, which is one batch. */
export async function bursts(port: number, { burst = 16, members = 50 } = {}): Promise<Load> {
  const open = await Promise.all(Array.from({ length: members }, () => Line.open(port, '/room')))
  const order = masked(0x81, Buffer.from(String(burst)))
  return {
    messages: burst * members,
    async run(batches) {
      for (let count = 0; count < batches; count++) {
        const all = open.map(line => line.frames(burst))
        open[0]?.socket.write(order)
        await within('a burst', Promise.all(all))
      }
    },
    [Symbol.dispose]: () => {
      for (const { socket } of open) socket.destroy()
    },
  }
}

/** A server of bytes, whose client sends batches of text of 20 bytes, and gets as many back. */
export async function peer(batch = 32): Promise<Load & { readonly url: string; readonly batch: number }> {
  const size = batch * (2 + 4 + 20)
  const answer = Buffer.concat(Array.from({ length: batch }, () => frame(0x81, 'hello, this is 20 by')))
  let left = 0
  let done = (): void => {}
  let waiting = (): void => {}
  const server = createServer(socket => {
    let awaited = size
    const reply = (): void => {
      if (left === 0) {
        waiting = reply
        done()
        return
      }
      left--
      awaited = size
      socket.write(answer)
    }
    socket.once('data', head => {
      const key = /sec-websocket-key: (\S+)/i.exec(String(head))?.[1] ?? ''
      socket.write(
        `HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
      )
      socket.on('data', chunk => {
        awaited -= chunk.length
        if (awaited === 0) reply()
      })
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    batch,
    messages: batch,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    run(batches) {
      left = batches
      const all = new Promise<void>(resolve => {
        done = resolve
      })
      waiting()
      return within('the batches of a client', all, 60_000)
    },
    [Symbol.dispose]: () => void server.close(),
  }
}

/** A frame of a client. RFC 6455 §5.2, §5.3 */
export function masked(first: number, payload: Buffer): Buffer {
  const key = Buffer.of(0x11, 0x22, 0x33, 0x44)
  const head = frame(first, payload).subarray(0, payload.length < 126 ? 2 : 4)
  const bytes = Buffer.concat([head, key, payload])
  bytes[1] = (bytes[1] as number) | 0x80
  for (let at = 0; at < payload.length; at++) {
    const to = head.length + 4 + at
    bytes[to] = (bytes[to] as number) ^ (key[at & 3] as number)
  }
  return bytes
}
