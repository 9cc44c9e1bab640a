/** Ends where nobody expects them: resets at each stage, cuts within frames, lines that come and go. */
import { deflated } from '../line/bombs.mjs'
import { closing, FIN, frame, op, RSV1 } from '../line/frame.mjs'
import { request } from '../line/line.mjs'
import { MIB, permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */

const shared = { threats: [11], full: { count: 16, seconds: 2 }, quick: { count: 8, seconds: 0.2 } }

/** @type {Plan} */
const churn = {
  ...shared,
  name: 'churn',
  title: 'lines that open, say something, close and come again',
  threats: [11, 1],
  permit: permits.open,
  outcomes: ['1000'],
  run: it =>
    it.again(it.count, async () => {
      const line = await it.line()
      await line.write(Buffer.concat([frame(FIN | op.text, 'hello'), frame(FIN | op.close, closing(1000))]))
      await it.ends([line])
      it.add('lines')
    }),
}

const ask = request({ headers: [['Sec-WebSocket-Extensions', 'permessage-deflate']] })
const large = frame(FIN | op.binary, Buffer.alloc(MIB - 64, 7))
const squeezed = frame(FIN | RSV1 | op.binary, deflated(Buffer.alloc(MIB - 64, 7)))
/** What is written before the connection is reset; each cut is random within the last of them. @type {[name: string, ...Buffer[]][]} */
const stages = [
  ['at once'],
  ['within the request', Buffer.from(ask)],
  ['right behind the request', Buffer.from(ask), Buffer.alloc(0)],
  ['within the first frame', Buffer.from(ask), frame(FIN | op.text, 'hello')],
  ['within a large message', Buffer.from(ask), large],
  ['while it comes back', Buffer.from(ask), large, Buffer.alloc(0)],
  ['while it is inflated', Buffer.from(ask), squeezed, Buffer.alloc(0)],
  ['within the close', Buffer.from(ask), frame(FIN | op.close, closing(1000, 'bye'))],
  ['right behind the close', Buffer.from(ask), frame(FIN | op.close, closing(1000)), Buffer.alloc(0)],
]

/** @param {'end' | 'reset'} how @returns {Plan['run']} */
const breaking = how => it =>
  it.again(it.count, async index => {
    const [, ...writes] = stages[index % stages.length]
    const line = await it.raw()
    for (const [at, bytes] of writes.entries()) {
      const last = at === writes.length - 1
      await line.write(last ? bytes.subarray(0, it.random(bytes.length + 1)) : bytes)
      if (at === 0 && !last) await line.until(() => line.status !== 0, 5_000)
    }
    if (it.random(2)) await it.sleep(it.random(5))
    line.leave(how)
    await line.ended
    it.add('lines')
  })

/** @type {Plan[]} */
const breaks = [
  {
    ...shared,
    name: 'resets',
    title: 'RST at each stage: before and within the request, within frames, while echoes come, within the close',
    permit: permits.message,
    outcomes: ['left', 'reset', 'cut', '1000', '1002', '400'],
    run: breaking('reset'),
  },
  {
    ...shared,
    name: 'cuts',
    title: 'the end of the connection at each of these stages, within frames too',
    permit: permits.message,
    outcomes: ['left', 'reset', 'cut', '1000', '1002', '400'],
    run: breaking('end'),
  },
]

export const abrupt = [churn, ...breaks]
