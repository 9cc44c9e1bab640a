/** Frames that lie or break rules, messages without end, and much of what is allowed. RFC 6455 §5, §10.4 */
import { bare, closing, FIN, frame, head, op, RSV1, repeat } from '../line/frame.mjs'
import { MIB, permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */

const HELLO = frame(FIN | op.text, 'hello')

/** Lengths above the limit, with no payload behind them. @type {[length: string, bytes: Buffer][]} */
const huge = [
  ['2^63', Buffer.from('82ff800000000000000000000000', 'hex')],
  ['2^64 - 1', Buffer.from('82ffffffffffffffffff00000000', 'hex')],
  ['2^53', Buffer.concat([head(0x82, 2 ** 53), Buffer.alloc(4)])],
  ['2^63 - 1', Buffer.from('82ff7fffffffffffffff00000000', 'hex')],
  ['4 GiB', Buffer.concat([head(0x82, 2 ** 32), Buffer.alloc(4)])],
  ['the limit and a byte', Buffer.concat([head(0x82, MIB + 1), Buffer.alloc(4)])],
  ['fragments that pass it', Buffer.concat([frame(op.binary, Buffer.alloc(4096)), head(0x80, MIB), Buffer.alloc(4)])],
]

/** @type {Plan} */
const hugeLengths = {
  name: 'huge-lengths',
  title: 'declared lengths from one byte above maxMessage to 2^64 - 1, without the bytes',
  threats: [2],
  full: { count: 500, seconds: 1.5 },
  quick: { count: 28, seconds: 0 },
  permit: permits.open,
  outcomes: ['1009', '1002'],
  run: it =>
    it.again(Math.min(it.count, 64), async () => {
      const lines = await it.lines(Math.ceil(it.count / 64))
      for (const [at, line] of lines.entries()) await line.write(huge[(it.random(7) + at) % huge.length][1])
      it.add('frames', lines.length)
      await it.ends(lines, 6_000)
    }),
}

/** @type {[name: string, bytes: Buffer][]} */
const forbidden = [
  ['a text without a mask', bare(FIN | op.text, 'A')],
  ['a ping without a mask', bare(FIN | op.ping)],
  ['reserved bit 1 on a ping', frame(FIN | RSV1 | op.ping)],
  ['reserved bit 2', frame(FIN | 0x20 | op.text, 'A')],
  ['reserved bit 3', frame(FIN | 0x10 | op.text, 'A')],
  ['opcode 3', frame(FIN | 3)],
  ['opcode 15', frame(FIN | 15)],
  ['a ping of 126 bytes', frame(FIN | op.ping, 'a'.repeat(126))],
  ['a ping in fragments', frame(op.ping, 'a')],
  ['a close in fragments', frame(op.close, closing(1000))],
  ['a close of one byte', frame(FIN | op.close, 'a')],
  ['a close with 1005', frame(FIN | op.close, closing(1005))],
  ['a close with 65535', frame(FIN | op.close, closing(65_535))],
  ['a reason that is no UTF-8', frame(FIN | op.close, Buffer.concat([closing(1000), Buffer.of(0xff)]))],
  ['a continuation of nothing', frame(FIN | op.more, 'a')],
  ['a message inside another', Buffer.concat([frame(op.text, 'a'), frame(FIN | op.text, 'b')])],
  ['a length in too many bytes', Buffer.from('82fe0005000000000000000000', 'hex')],
]

/** @type {Plan} */
const brokenFrames = {
  name: 'broken-frames',
  title: 'no mask, reserved bits and opcodes, control frames too long and in fragments, codes that do not exist',
  threats: [12, 7],
  full: { count: 16, seconds: 1.5 },
  quick: { count: forbidden.length, seconds: 0 },
  permit: permits.open,
  outcomes: ['1002', '1007'],
  run: it =>
    it.again(it.count, async index => {
      const [name, bytes] = forbidden[index % forbidden.length]
      const line = await it.line()
      await line.write(Buffer.concat([bytes, HELLO]))
      it.add('frames', 2)
      await it.ends([line], 6_000)
      if (line.got.some(({ first }) => (first & 15) !== op.close)) it.fault(`${name}: was answered as if it were right`)
    }),
}

/** Wrong bytes, each at its first place where no text can go on. @type {number[][]} */
const wrong = [[0xc3, 0x28], [0x80], [0xc0], [0xf5], [0xed, 0xa0], [0xe0, 0x80], [0xf4, 0x90], [0xff], [0xf0, 0x80]]

/** @type {Plan} */
const badText = {
  name: 'bad-text',
  title: 'text that is not UTF-8 at any place, across fragments and writes, the rest never sent',
  threats: [13],
  full: { count: 32, seconds: 1.5 },
  quick: { count: 9, seconds: 0.1 },
  permit: permits.open,
  outcomes: ['1007'],
  run: it =>
    it.again(it.count, async index => {
      const line = await it.line()
      const before = Buffer.from('ä'.repeat(it.random(200)))
      const bytes = Buffer.from(wrong[index % wrong.length])
      // Each wrong byte is in a frame of its own; the message never ends, so who waits for its end never closes.
      await line.write(frame(op.text, before))
      for (const byte of bytes) await line.write(frame(op.more, Buffer.of(byte)))
      it.add('frames', 1 + bytes.length)
      await it.ends([line], 6_000)
    }),
}

/** @type {Plan} */
const oneByte = {
  name: 'fragments-one-byte',
  title: 'messages in fragments of one byte, without end',
  threats: [1, 2],
  full: { count: 4, seconds: 2 },
  quick: { count: 2, seconds: 0.3 },
  permit: permits.message,
  outcomes: ['1009', 'held', 'reset'],
  run: it => {
    const bytes = repeat(frame(op.more, '*'), 512)
    return it.again(it.count, async () => {
      const line = await it.line()
      await line.write(frame(op.binary, '*'))
      await it.pour(line, bytes, 512)
      await it.ends([line], 500)
    })
  },
}

/** @type {Plan} */
const noByte = {
  name: 'fragments-empty',
  title: 'messages in fragments without a byte, plain and between fragments of one byte',
  threats: [1],
  full: { count: 8, seconds: 1.5 },
  quick: { count: 4, seconds: 0.1 },
  permit: permits.message,
  outcomes: ['1008', 'reset'],
  run: it => {
    const empty = repeat(frame(op.more), 512)
    const mixed = repeat(Buffer.concat([frame(op.more, '*'), frame(op.more)]), 256)
    return it.again(it.count, async index => {
      const line = await it.line()
      await line.write(frame(op.text))
      for (let sent = 0; sent < 16 && line.open; sent++) {
        await line.write(index % 2 ? mixed : empty)
        it.add('frames', 512)
      }
      await it.ends([line], 6_000)
    })
  },
}

/** @type {Plan} */
const unfinished = {
  name: 'unfinished',
  title: 'messages just below maxMessage of which the last byte never comes',
  threats: [1, 10],
  full: { count: 64, seconds: 1.5 },
  quick: { count: 8, seconds: 0.2 },
  permit: permits.message,
  outcomes: ['held'],
  async run(it) {
    const piece = frame(op.more, Buffer.alloc(65_536 - 1, 7))
    const lines = await it.lines(it.count)
    const send = async (/** @type {number} */ index) => {
      await lines[index].write(frame(op.binary, '*'))
      for (let sent = 0; sent < 15; sent++) await lines[index].write(piece)
      it.add('bytes', 15 * piece.length)
    }
    await it.times(lines.length, send, 4)
    await it.sleep(Math.max(it.left, 200))
  },
}

/** @type {Plan} */
const tiny = {
  name: 'tiny-messages',
  title: 'messages without a byte and of one, as fast as they go, their echoes read',
  threats: [1, 10],
  full: { count: 4, seconds: 2 },
  quick: { count: 2, seconds: 0.2 },
  permit: permits.unread,
  outcomes: ['held'],
  async run(it) {
    const bytes = repeat(Buffer.concat([frame(FIN | op.text), frame(FIN | op.binary, '*')]), 256)
    await it.again(it.count, async () => it.pour(await it.line(), bytes, 512))
  },
}

/** @type {Plan} */
const exact = {
  name: 'nothing-else',
  title: 'echoes and pongs of every length, in fragments and compressed: no byte but those that were sent',
  threats: [6],
  full: { count: 8, seconds: 1.5 },
  quick: { count: 4, seconds: 0.2 },
  permit: permits.unread,
  outcomes: ['1000', 'left'],
  run: it =>
    it.again(it.count, async index => {
      const headers = /** @type {const} */ ([
        ['Sec-WebSocket-Extensions', 'permessage-deflate; server_max_window_bits=9'],
      ])
      const line = await it.line({ keep: true, headers: index % 2 ? headers : [] })
      for (let sent = 0; sent < 126; sent++) {
        const data = Buffer.alloc(sent * (sent % 5 === 0 ? 1 : 8), (index + sent) & 255)
        const ping = Buffer.alloc(sent, 0x50)
        const [a, b] = [data.subarray(0, data.length >> 1), data.subarray(data.length >> 1)]
        const [before, pings] = [line.got.length, frame(FIN | op.ping, ping)]
        await line.write(Buffer.concat([frame(op.binary, a), pings, frame(FIN | op.more, b)]))
        await line.until(() => line.got.length >= before + 2, 5_000)
        for (const { first, payload } of line.got.splice(before)) {
          const wanted = (first & 15) === op.pong ? ping : data
          if (!(first & RSV1) && !wanted.equals(payload))
            it.fault(`${payload.length} bytes came back that were not sent`)
        }
        it.add('frames', 3)
      }
      await line.write(frame(FIN | op.close, closing(1000)))
      await it.ends([line])
    }),
}

export const frames = [hugeLengths, brokenFrames, badText, oneByte, noByte, unfinished, tiny, exact]
