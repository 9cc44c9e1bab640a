/** The load of the soak: peers of every kind, made of bytes, in a process of its own. */
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { deflateRawSync } from 'node:zlib'

/** @typedef {{ messages: number, connections: number, cuts: number }} Done */

const { values } = parseArgs({ options: { port: { type: 'string' }, connections: { type: 'string' } } })
const wanted = Number(values.connections)

/** How often the peers get their turn, and how many of a thousand get it then. */
const TURN = 50
const SHARE = 12
/** Milliseconds without a byte after which nothing is under way: more than it takes to come back. */
const QUIET = 600

/** @param {number} below */
const random = below => Math.floor(Math.random() * below)

/** A frame of a client. RFC 6455 §5.2 @param {number} first @param {Buffer} payload */
function frame(first, payload) {
  const { length } = payload
  const head =
    length < 126
      ? Buffer.of(first, 0x80 | length)
      : length < 65_536
        ? Buffer.of(first, 0xfe, length >> 8, length & 255)
        : Buffer.of(first, 0xff, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255)
  const key = Buffer.of(random(256), random(256), random(256), random(256))
  const body = Buffer.from(payload)
  for (let at = 0; at < length; at++) body[at] = /** @type {number} */ (body[at]) ^ /** @type {number} */ (key[at & 3])
  return Buffer.concat([head, key, body])
}

const text = Buffer.from('plain words, and some ümläuts to look at, then on. '.repeat(2_000))
/** Some bytes of the text, from the beginning of a character on. @param {number} size */
const words = size => Buffer.from(text.toString('utf8', 0, size).replaceAll('\ufffd', ''))
const deflated = [200, 2_000, 20_000].map(size => deflateRawSync(words(size), { finishFlush: 2 }).subarray(0, -4))
const close = Buffer.of(0x03, 0xe8)

/** What a peer may do when it is its turn: a name, how likely it is, and the bytes. */
const acts = /** @type {[string, number, (peer: Peer) => void][]} */ ([
  ['short text', 40, peer => peer.send(frame(0x81, words(10 + random(200))))],
  ['long text', 4, peer => peer.send(frame(0x81, words(2_000 + random(90_000))))],
  ['bytes', 15, peer => peer.send(frame(0x82, text.subarray(0, random(5_000))))],
  ['a batch', 6, peer => peer.send(Buffer.concat(Array.from({ length: 32 }, () => frame(0x81, words(20)))))],
  ['compressed', 15, peer => peer.send(frame(0xc1, /** @type {Buffer} */ (deflated[random(deflated.length)])))],
  ['a ping', 8, peer => peer.send(frame(0x89, words(random(100))))],
  [
    'fragments around a ping',
    8,
    peer => {
      peer.send(Buffer.concat([frame(0x01, words(500)), frame(0x89, words(5)), frame(0x00, words(10))]))
      setTimeout(() => peer.send(frame(0x80, words(3_000))), random(200))
    },
  ],
  ['not reading for a while', 4, peer => peer.sleep()],
  ['a polite end', 4, peer => peer.send(frame(0x88, close))],
  ['a cut', 2, peer => peer.cut()],
  [
    'a cut within a message',
    2,
    peer => {
      peer.send(frame(0x82, text.subarray(0, 50_000)).subarray(0, random(40_000)))
      setTimeout(() => peer.cut(), random(100))
    },
  ],
  ['half a message, for ever', 1, peer => peer.send(frame(0x01, words(1_000)))],
  ['nonsense', 1, peer => peer.send(Buffer.of(0xff, 0xff, 0xff))],
])
const weights = acts.reduce((sum, [, weight]) => sum + weight, 0)

/** When a byte came last. */
let heard = 0

/** @type {Done} */
const done = { messages: 0, connections: 0, cuts: 0 }

/** One in ten is in the room, in which everybody gets what one of them says; so it is told short things, and seldom. */
const paths = ['/echo', '/echo', '/echo', '/echo', '/echo', '/loop', '/loop', '/loop', '/loop', '/room']

class Peer {
  #path = ''
  #socket = this.#open()

  #open() {
    const socket = connect(Number(values.port), '127.0.0.1')
    this.#path = /** @type {string} */ (paths[random(paths.length)])
    socket.write(
      `GET ${this.#path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
    )
    socket.on('data', bytes => {
      heard = performance.now()
      this.#answerPings(bytes)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      done.cuts++
      setTimeout(() => {
        this.#socket = this.#open()
      }, random(500))
    })
    done.connections++
    return socket
  }

  /** A quiet peer is pinged, by a frame that comes alone. @param {Buffer} bytes */
  #answerPings(bytes) {
    if (bytes.length === 6 && bytes[0] === 0x89) this.#socket.write(frame(0x8a, bytes.subarray(2)))
  }

  act() {
    if (this.#path === '/room' && random(20) > 0) return
    let at = random(this.#path === '/room' ? 40 : weights)
    for (const [, weight, act] of acts) {
      at -= weight
      if (at < 0) return act(this)
    }
  }

  /** @param {Buffer} bytes */
  send(bytes) {
    if (!this.#socket.writable || this.#socket.connecting) return
    done.messages++
    this.#socket.write(bytes)
  }

  /** Some wake up before the server gives them up, and some do not. */
  sleep() {
    const socket = this.#socket
    socket.pause()
    for (let count = 0; count < 20; count++) this.send(frame(0x82, text.subarray(0, 60_000)))
    setTimeout(() => socket.resume(), 500 + random(8_000))
  }

  wake() {
    this.#socket.resume()
  }

  cut() {
    if (random(2) === 0) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }
}

/** @type {Peer[]} */
const peers = []
let resting = false
setInterval(() => {
  for (let count = 0; count < 100 && peers.length < wanted; count++) peers.push(new Peer())
  if (resting) return
  for (let count = 0; count < (peers.length * SHARE) / 1000; count++) peers[random(peers.length)]?.act()
}, TURN)

/** Everybody reads and nobody sends, until nothing comes any more: what a server holds then, it holds for nothing. */
async function rest() {
  resting = true
  for (const peer of peers) peer.wake()
  const end = performance.now() + 10_000
  heard = performance.now()
  while (performance.now() < Math.min(heard + QUIET, end)) await new Promise(resolve => setTimeout(resolve, 50))
}

process.on('message', async order => {
  if (order === 'rest') await rest()
  else resting = false
  process.send?.(done)
})
// Ctrl-C reaches every process of a terminal; the end is told by the first.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
