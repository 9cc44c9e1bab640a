/**
 * A WebSocket that reads slowly, which the class WebSocket cannot: browsers read for it, and keep what the page has not seen
 * yet. WebSocketStream is read by the page, and what it does not read stays in the network. Chromium has it from 124 on.
 */

interface Opened {
  readonly readable: ReadableStream<string | ArrayBuffer>
  readonly writable: WritableStream<string | BufferSource>
  readonly protocol: string
}

/** https://websockets.spec.whatwg.org/#the-websocketstream-interface, as far as it is used. */
interface Stream {
  readonly opened: Promise<Opened>
  readonly closed: Promise<{ readonly closeCode: number; readonly reason: string }>
  close(info?: { closeCode?: number; reason?: string }): void
}

type StreamClass = new (url: string, options: { protocols: string[] }) => Stream

const streamClass = (): StreamClass | undefined => (globalThis as { WebSocketStream?: StreamClass }).WebSocketStream

export const canReadSlowly = (): boolean => streamClass() !== undefined

/** What a line needs of a WebSocket, over a stream that is read so many times a second. */
export class SlowSocket {
  binaryType = 'arraybuffer'
  readyState = 0
  protocol = ''
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  /** Never called: what went wrong, the close event says. */
  onerror: unknown = null
  bufferedAmount = 0
  readonly #stream: Stream
  readonly #rest: number
  readonly #came: (data: string | ArrayBuffer) => void
  #writer: WritableStreamDefaultWriter<string | BufferSource> | undefined

  constructor(url: string, protocols: string[], perSecond: number, came: (data: string | ArrayBuffer) => void) {
    const Stream = streamClass()
    if (Stream === undefined) throw new TypeError('this browser has no WebSocketStream')
    this.#rest = 1_000 / perSecond
    this.#came = came
    this.#stream = new Stream(url, { protocols })
    this.#stream.opened.then(opened => this.#open(opened)).catch(() => {})
    this.#stream.closed.then(
      ({ closeCode, reason }) => this.#closed(closeCode, reason),
      () => this.#closed(1006, ''),
    )
  }

  send(data: string | BufferSource): void {
    const size = typeof data === 'string' ? data.length : data.byteLength
    this.bufferedAmount += size
    this.#writer?.write(data).then(
      () => (this.bufferedAmount -= size),
      () => {},
    )
  }

  close(closeCode?: number, reason?: string): void {
    if (this.readyState < 2) this.readyState = 2
    this.#stream.close(closeCode === undefined ? {} : { closeCode, reason: reason ?? '' })
  }

  #open({ readable, writable, protocol }: Opened): void {
    this.readyState = 1
    this.protocol = protocol
    this.#writer = writable.getWriter()
    this.onopen?.()
    this.#read(readable.getReader()).catch(() => {})
  }

  /** One at a time, by the clock: a timer that is late is made up for by several at once. */
  async #read(reader: ReadableStreamDefaultReader<string | ArrayBuffer>): Promise<void> {
    for (let due = performance.now(); ; due = Math.max(due + this.#rest, performance.now() - 200)) {
      const { value, done } = await reader.read()
      if (done) return
      this.#came(value)
      this.onmessage?.({ data: value })
      const early = due + this.#rest - performance.now()
      if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
    }
  }

  #closed(code: number, reason: string): void {
    this.readyState = 3
    this.onclose?.({ code, reason })
  }
}
