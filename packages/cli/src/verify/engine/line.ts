/** A TCP or TLS connection to the peer: every byte of it is written down, and how it ends is told apart. */
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { Transcript } from './transcript.ts'

/** Who ended the connection. A reset is an end that the peer's side did not say in order. */
export type Ended = 'peer' | 'suite' | 'reset'

export class Line {
  readonly #socket: Socket
  readonly #transcript: Transcript
  #ended: Ended | undefined
  #leaving = false
  #abandoned = false
  /** Called with what comes, and after every change. */
  onChunk: (chunk: Buffer) => void = () => {}
  onEnd: () => void = () => {}

  constructor(socket: Socket, transcript: Transcript) {
    this.#socket = socket
    this.#transcript = transcript
    socket.setNoDelay(true)
    socket.on('data', chunk => {
      transcript.add('peer', '', chunk)
      this.onChunk(chunk)
    })
    socket.on('end', () => this.#end(this.#leaving ? 'suite' : 'peer'))
    socket.on('error', () => this.#end('reset'))
    socket.on('close', () => this.#end(this.#leaving ? 'suite' : 'peer'))
  }

  get ended(): Ended | undefined {
    return this.#ended
  }

  #end(how: Ended): void {
    if (this.#ended !== undefined || this.#abandoned) return
    this.#ended = how
    const words = { peer: 'the peer ends the connection', suite: 'the connection has ended', reset: 'connection reset' }
    this.#transcript.add('note', words[how])
    this.onEnd()
  }

  /** In one write, or in writes of so many bytes, and written down as `shown`. Waits while the peer does not read. */
  async write(bytes: Buffer, words: string, chop = bytes.length, shown = bytes): Promise<void> {
    this.#transcript.add('suite', words + (chop < bytes.length ? ` (${chop} at a time)` : ''), shown)
    for (let start = 0; start < bytes.length; start += chop) {
      if (!this.#socket.writable) return
      if (!this.#socket.write(bytes.subarray(start, start + chop))) await this.#drained()
      else if (chop < bytes.length) await setImmediate()
    }
  }

  #drained(): Promise<void> {
    const socket = this.#socket
    return new Promise(resolve => {
      const done = (): void => {
        socket.off('drain', done).off('close', done)
        resolve()
      }
      socket.once('drain', done).once('close', done)
    })
  }

  /** Ends our direction. */
  leave(): void {
    this.#leaving = true
    this.#socket.end()
  }

  /** Ends both directions. */
  cut(): void {
    this.#leaving = true
    this.#socket.destroy()
  }

  /** Nothing more is to be seen: how it ended stays as it is. */
  abandon(): void {
    this.#abandoned = true
    this.#socket.destroy()
  }
}
