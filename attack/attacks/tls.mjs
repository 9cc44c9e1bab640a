/** Below WebSocket: handshakes of TLS that stop, noise, and those that begin again and again. RFC 8446, RFC 5746 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { request } from '../line/line.mjs'
import { permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */

/** A ClientHello, taken from Node's own client. */
async function clientHello() {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const client = connectTls({ port, host: '127.0.0.1' }).on('error', () => {})
  const [socket] = await once(server, 'connection')
  const [hello] = await once(socket, 'data')
  client.destroy()
  socket.destroy()
  server.close()
  return /** @type {Buffer} */ (hello)
}

/** A connection without TLS to a server with it; its end is counted. @param {Attack} it @param {Uint8Array} bytes */
function plain(it, bytes) {
  const socket = connect(it.port, '127.0.0.1')
  let end = 'held'
  socket.on('error', () => {
    end = 'reset'
  })
  socket.resume().write(bytes)
  const ended = once(socket, 'close').then(
    () => (end === 'held' ? 'cut' : end),
    () => 'reset',
  )
  return { socket, ended }
}

/** @type {Plan} */
const halfOpen = {
  name: 'tls-half-open',
  title:
    'TLS handshakes that stop: without a byte, within the ClientHello, behind it, and no request behind a whole one',
  threats: [8, 1],
  full: { count: 1_000, seconds: 13 },
  quick: { count: 40, seconds: 0.3 },
  watched: 4,
  tls: true,
  permit: permits.tls,
  outcomes: ['408', 'cut', 'reset'],
  async run(it) {
    const hello = await clientHello()
    const stops = [0, 40, hello.length]
    const sockets = await it.times(it.count, async index => {
      if (index % 4 === 3) return void (await it.raw())
      const { socket, ended } = plain(it, hello.subarray(0, stops[index % 4]))
      const first = Promise.race([ended, it.sleep(Math.max(it.left, 0)).then(() => 'held')])
      first.then(end => it.tally(end))
      await Promise.race([once(socket, 'connect'), ended])
      return socket
    })
    it.add('at once', it.count)
    await it.sleep(Math.max(it.left + 50, 50))
    for (const socket of sockets) socket?.destroy()
  },
}

/** @type {Plan} */
const garbage = {
  name: 'tls-garbage',
  title: 'noise, HTTP in the clear, and records of TLS whose bytes were changed',
  threats: [11],
  full: { count: 16, seconds: 1.5 },
  quick: { count: 8, seconds: 0.2 },
  tls: true,
  permit: permits.tls,
  outcomes: ['cut', 'reset'],
  async run(it) {
    const hello = await clientHello()
    await it.again(it.count, async index => {
      const changed = Buffer.from(hello)
      for (let flips = 0; flips < 4; flips++) changed[it.random(changed.length)] ^= 1 << it.random(8)
      const noise = Buffer.from(Array.from({ length: 300 }, () => it.random(256)))
      const { socket, ended } = plain(it, [noise, Buffer.from(request()), changed, changed.subarray(0, 200)][index % 4])
      it.add('connections')
      const end = await Promise.race([ended, it.sleep(50).then(() => socket.end() && ended)])
      it.tally(end)
    })
  },
}

/** @type {Plan} */
const churn = {
  name: 'tls-churn',
  title: 'whole TLS handshakes, one after the other, and nothing behind them',
  threats: [8],
  full: { count: 4, seconds: 2 },
  quick: { count: 4, seconds: 0.2 },
  tls: true,
  permit: permits.tls,
  outcomes: ['left', 'reset'],
  run: it =>
    it.again(it.count, async () => {
      const line = await it.raw()
      line.leave()
      await line.ended
      it.add('handshakes')
    }),
}

/** @type {Plan} */
const renegotiation = {
  name: 'tls-renegotiation',
  title: 'renegotiation of TLS 1.2, asked for again and again on open lines',
  threats: [8, 11],
  full: { count: 4, seconds: 1.5 },
  quick: { count: 2, seconds: 0.3 },
  tls: true,
  permit: permits.tls,
  outcomes: ['cut', 'reset', 'refused'],
  run: it =>
    it.again(it.count, async () => {
      const socket = connectTls({ port: it.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
      const closed = once(socket, 'close').catch(() => {})
      socket.on('error', () => {})
      await Promise.race([once(socket, 'secureConnect').catch(() => {}), closed])
      if (!socket.destroyed) socket.resume().write(request())
      let again = 0
      while (!socket.destroyed && again < 100) {
        const asked = new Promise(resolve => socket.renegotiate({}, resolve))
        const error = await Promise.race([asked, closed.then(() => 'closed'), it.sleep(1_000).then(() => 'silence')])
        if (error) break
        again++
      }
      it.add('renegotiations', again)
      // Node's own bound is 3 in 10 minutes.
      if (again > 10) it.fault(`${again} renegotiations on one line`)
      it.tally(again === 0 ? 'refused' : 'cut')
      socket.destroy()
    }),
}

export const tls = [halfOpen, garbage, churn, renegotiation]
