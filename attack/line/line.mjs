/** One connection of an attacker: bytes as they are, and an eye on how it ends. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Scanner } from './scanner.mjs'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** @typedef {{ path?: string, host?: string, keep?: boolean, headers?: readonly (readonly [name: string, value: string])[] }} Asked */
/** @typedef {{ port: number, tls: boolean }} Address */

/** The request of an opening handshake. RFC 6455 §4.1 @param {Asked} [asked] */
export function request({ path = '/echo', host = '127.0.0.1', headers = [] } = {}) {
  const own = [
    ['Host', host],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', KEY],
  ]
  const lines = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

export class Line {
  socket
  /** What came before the frames: the head of the answer. */
  head = ''
  /** What came behind the head of an answer that is not 101, or behind the first head. */
  body = ''
  status = 0
  /** Frames that came, control frames included. */
  frames = 0
  /** Payloads that came, for one that keeps them, and control frames. @type {{ first: number, payload: Buffer }[]} */
  got = []
  /** How it ended: a close code, a status, or `cut`, `reset`. */
  #end = ''
  #left = false
  #scanner
  #tls
  /** @type {(() => void)[]} */
  #watching = []
  /** Fulfilled with how it ended, once. @type {Promise<string>} */
  ended

  /** @param {Address} address @param {boolean} [keep] */
  constructor({ port, tls }, keep = false) {
    this.#tls = tls
    this.#scanner = new Scanner((first, payload) => this.#frame(first, payload), keep)
    this.socket = tls ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1')
    this.socket.setNoDelay(true)
    this.socket.on('data', bytes => this.#data(bytes))
    this.socket.on('drain', () => this.#notify())
    this.socket.on('error', error => {
      if ('code' in error && error.code !== 'EPIPE' && error.code !== 'ECONNRESET') this.#end ||= String(error.code)
      else this.#end ||= 'reset'
    })
    this.ended = once(this.socket, 'close').then(
      () => this.#over(),
      () => this.#over(),
    )
    this.ended.then(() => this.#notify())
  }

  get open() {
    return !this.socket.destroyed
  }

  /** Fulfilled when bytes can go; false when they never will. */
  async connected() {
    const event = this.#tls ? 'secureConnect' : 'connect'
    if (this.socket.connecting) await Promise.race([once(this.socket, event).catch(() => {}), this.ended])
    return this.open
  }

  /** Writes, and waits until the system has it or the line is gone. @param {Uint8Array | string} bytes */
  async write(bytes) {
    if (!this.socket.writable) return false
    if (!this.socket.write(bytes)) await this.until(() => this.socket.writableLength === 0, 3_600_000)
    return this.open
  }

  /** The opening handshake; true when the line is open. @param {Asked} [asked] */
  async shake(asked) {
    if (!(await this.connected())) return false
    await this.write(request(asked))
    await this.until(() => this.status !== 0)
    return this.status === 101
  }

  /** Fulfilled when it is so, or the line is gone, or some time is over; false then. @param {() => boolean} so @param {number} [ms] */
  async until(so, ms = 20_000) {
    const end = performance.now() + ms
    while (!so()) {
      const left = end - performance.now()
      if (!this.open || left <= 0) return so()
      await new Promise(resolve => {
        const timer = setTimeout(resolve, left)
        this.#watching.push(() => {
          clearTimeout(timer)
          resolve(undefined)
        })
      })
    }
    return true
  }

  /** Goes without a word. @param {'end' | 'reset'} [how] */
  leave(how = 'end') {
    this.#left = true
    if (how === 'reset' && 'resetAndDestroy' in this.socket) this.socket.resetAndDestroy()
    else this.socket.destroy()
  }

  /** @param {Buffer} bytes */
  #data(bytes) {
    if (this.status === 101) this.#scanner.feed(bytes)
    else if (this.head === '') this.#heading(bytes)
    else this.body += bytes.toString('latin1')
    this.#notify()
  }

  /** @param {Buffer} bytes */
  #heading(bytes) {
    this.body += bytes.toString('latin1')
    const end = this.body.indexOf('\r\n\r\n')
    if (end === -1) return
    this.head = this.body.slice(0, end)
    const rest = Buffer.from(this.body.slice(end + 4), 'latin1')
    this.body = ''
    this.status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.head)?.[1] ?? -1)
    if (this.status !== 101) this.#end ||= String(this.status)
    if (rest.length > 0) this.#data(rest)
  }

  /** @param {number} first @param {Buffer | undefined} payload */
  #frame(first, payload) {
    this.frames++
    if (payload !== undefined && this.got.length < 10_000) this.got.push({ first, payload })
    if ((first & 15) === 8) this.#end ||= payload && payload.length > 1 ? String(payload.readUInt16BE(0)) : '1005'
  }

  #over() {
    return this.#end || (this.#left ? 'left' : 'cut')
  }

  #notify() {
    for (const watch of this.#watching.splice(0)) watch()
  }
}
