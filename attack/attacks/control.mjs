/** Pings, pongs and closes by the hundred thousand. RFC 6455 §5.5 */
import { closing, FIN, frame, op, repeat } from '../line/frame.mjs'
import { permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */

/**
 * The same frames again and again on each line.
 * @param {Buffer} bytes
 * @param {{ frames: number, deaf?: boolean, first?: Buffer }} how deaf: nothing is read
 * @returns {Plan['run']}
 */
const flood =
  (bytes, { frames, deaf = false, first }) =>
  it =>
    it.again(it.count, async () => {
      const line = await it.line()
      if (deaf) line.socket.pause()
      if (first !== undefined) await line.write(first)
      await it.pour(line, bytes, frames)
    })

const shared = { full: { count: 4, seconds: 2 }, quick: { count: 2, seconds: 0.25 } }

/** @type {Plan[]} */
export const control = [
  {
    ...shared,
    name: 'ping-flood',
    title: 'pings without and with 125 bytes, their pongs read',
    threats: [7],
    permit: permits.unread,
    outcomes: ['held'],
    run: flood(repeat(Buffer.concat([frame(FIN | op.ping), frame(FIN | op.ping, 'a'.repeat(125))]), 128), {
      frames: 256,
    }),
  },
  {
    ...shared,
    name: 'ping-flood-unread',
    title: 'pings, their pongs never read',
    threats: [7, 10],
    full: { count: 8, seconds: 2 },
    lingers: true,
    permit: permits.unread,
    outcomes: ['held'],
    run: flood(repeat(frame(FIN | op.ping, 'a'.repeat(125)), 256), { frames: 256, deaf: true }),
  },
  {
    ...shared,
    name: 'pong-flood',
    title: 'pongs that nobody asked for',
    threats: [7],
    permit: permits.unread,
    outcomes: ['held'],
    run: flood(repeat(frame(FIN | op.pong, 'a'), 512), { frames: 512 }),
  },
  {
    ...shared,
    name: 'close-flood',
    title: 'closes by the thousand, messages behind them',
    threats: [7, 8],
    permit: permits.open,
    outcomes: ['1000', 'reset'],
    run: it => {
      const close = frame(FIN | op.close, closing(1000, 'bye'))
      const bytes = repeat(Buffer.concat([close, frame(FIN | op.text, 'late')]), 512)
      return it.again(it.count, async () => {
        const line = await it.line()
        for (let sent = 0; sent < 8 && line.open; sent++) {
          await line.write(bytes)
          it.add('frames', 1024)
        }
        await it.ends([line], 6_000)
        const answers = line.got.filter(({ first }) => (first & 15) === op.close).length
        if (answers > 1 || line.frames > answers) it.fault('more than one answer to a close')
      })
    },
  },
  {
    ...shared,
    name: 'control-between',
    title: 'pings and pongs between the fragments of a message that never ends',
    threats: [7, 1],
    permit: permits.message,
    outcomes: ['held', '1009', 'reset'],
    run: flood(repeat(Buffer.concat([frame(op.more, '*'), frame(FIN | op.ping, 'a'), frame(FIN | op.pong)]), 200), {
      frames: 600,
      first: frame(op.text, '*'),
    }),
  },
  {
    name: 'close-unanswered',
    title: 'a mistake, and then no answer to the close that it gets',
    threats: [8],
    full: { count: 200, seconds: 7 },
    quick: { count: 20, seconds: 0.3 },
    watched: 4,
    permit: permits.open,
    outcomes: ['1002'],
    // Only ever sends: the line is ended by the server, at once or by closeTimeout, or it is counted as held.
    async run(it) {
      const lines = await it.lines(it.count)
      for (const line of lines) {
        line.socket.allowHalfOpen = true
        await line.write(frame(FIN | 3))
      }
      await Promise.all(lines.map(line => line.until(() => line.got.length > 0, it.seconds * 1000)))
      await it.sleep(Math.max(it.left, 0))
      // The server's end came with its close; that it has cut the line since shows when something is sent to it, twice.
      for (let sent = 0; sent < 2; sent++) {
        for (const line of lines) line.socket.write(frame(FIN | op.ping))
        await it.ends(lines, 300)
      }
    },
  },
]
