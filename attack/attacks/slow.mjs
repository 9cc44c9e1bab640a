/** Peers that take their time: frames by the byte, no reading, a byte now and then, silence. RFC 6455 §10.4 */
import { FIN, frame, op } from '../line/frame.mjs'
import { KIB, MIB, permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */
/** @typedef {import('../line/line.mjs').Line} Line */

/** @type {Plan} */
const slowFrames = {
  name: 'slow-frames',
  title: 'messages of 64 KiB a byte at a time, on each line',
  threats: [8, 1],
  full: { count: 1_000, seconds: 5 },
  quick: { count: 50, seconds: 0.3 },
  permit: permits.open,
  outcomes: ['held'],
  async run(it) {
    const bytes = frame(FIN | op.binary, Buffer.alloc(64 * KIB, 7))
    const lines = await it.lines(it.count)
    for (let at = 0; !it.over; at++) {
      for (const line of lines) line.socket.write(bytes.subarray(at, at + 1))
      it.add('bytes', lines.length)
      await it.sleep(100)
    }
  },
}

/** Sends until nothing more goes, or so many bytes have gone. @param {Attack} it @param {Line} line @param {Buffer} message @param {number} most */
async function clog(it, line, message, most) {
  for (let sent = 0; sent < most && line.open; sent += message.length) {
    it.add('bytes', message.length)
    if (!line.socket.write(message)) {
      const gone = await Promise.race([line.write(Buffer.alloc(0)), it.sleep(40)])
      if (gone !== true) return
    }
  }
}

/** At the end reading begins, so that it is seen how each line has ended. @param {Attack} it @param {readonly Line[]} lines */
async function wake(it, lines) {
  for (const line of lines) line.socket.resume()
  await it.ends(lines, it.seconds > 5 ? 3_000 : 300)
}

/** @type {Plan} */
const neverReading = {
  name: 'never-reading',
  title:
    'lines that send messages of 16 KiB and never read an echo, or a byte now and then; one in seven until no more goes (serve --heartbeat 5)',
  threats: [8, 10],
  full: { count: 1_000, seconds: 48 },
  quick: { count: 30, seconds: 0.5 },
  watched: 12,
  lingers: true,
  serve: ['--heartbeat', '5'],
  permit: permits.unread,
  outcomes: ['cut', 'reset'],
  async run(it) {
    const message = frame(FIN | op.binary, Buffer.alloc(16 * KIB, 7))
    const lines = await it.lines(it.count)
    for (const line of lines) line.socket.pause()
    // To fill the buffers of the system takes 4 MiB: for all of them that were more than Linux has for TCP (tcp_mem).
    await it.times(lines.length, index => clog(it, lines[index], message, index % 7 === 0 ? 8 * MIB : 128 * KIB), 8)
    while (!it.over) {
      for (let at = 0; at < lines.length; at += 10) lines[at].socket.read(1)
      await it.sleep(500)
    }
    await wake(it, lines)
  },
}

/** @type {Plan} */
const deafRoom = {
  name: 'deaf-room',
  title: 'members of a room that read nothing of what one says there: 64 KiB each time, without a pause',
  threats: [10, 1],
  full: { count: 100, seconds: 4 },
  quick: { count: 5, seconds: 0.5 },
  lingers: true,
  permit: permits.queued,
  outcomes: ['1013', 'held', 'cut', 'reset'],
  only: 'the server for the comparison has no rooms',
  async run(it) {
    const path = '/rooms/deaf'
    const lines = await it.lines(it.count, { path })
    for (const line of lines) line.socket.pause()
    const speaker = await it.line({ path })
    const message = frame(FIN | op.binary, Buffer.alloc(64 * KIB, 7))
    // One that waits for its own words is slowed down; this one does not wait.
    await it.pour(speaker, message)
    await wake(it, lines)
  },
}

/** @type {Plan} */
const vanished = {
  name: 'vanished',
  title: 'open lines that say nothing and answer no ping (serve --heartbeat 1)',
  threats: [8],
  full: { count: 1_000, seconds: 23 },
  quick: { count: 50, seconds: 0.3 },
  watched: 4,
  serve: ['--heartbeat', '1'],
  permit: permits.open,
  outcomes: ['cut', 'reset'],
  async run(it) {
    await it.lines(it.count)
    await it.sleep(Math.max(it.left, 0))
  },
}

export const slow = [slowFrames, neverReading, deafRoom, vanished]
