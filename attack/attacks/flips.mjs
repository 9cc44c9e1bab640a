/** Sessions that this program records, played again with bits flipped: whatever comes of it is a close, an answer or silence. */
import { deflated } from '../line/bombs.mjs'
import { closing, FIN, frame, op, RSV1 } from '../line/frame.mjs'
import { request } from '../line/line.mjs'
import { ANY_CODE } from '../verdict.mjs'
import { permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */

/** Sessions as they go over the wire: a request, and the frames behind it. */
function sessions() {
  const json = JSON.stringify(Array.from({ length: 30 }, (_, id) => ({ id, text: 'grüße' })))
  const plain = [
    frame(FIN | op.text, 'hello'),
    frame(op.text, 'Grü'),
    frame(FIN | op.ping, 'are you there'),
    frame(FIN | op.more, 'ße'),
    frame(FIN | op.binary, Buffer.alloc(300, 0x5a)),
    frame(FIN | op.pong),
    frame(FIN | op.text),
    frame(FIN | op.close, closing(1000, 'bye')),
  ]
  const squeezed = [
    frame(FIN | RSV1 | op.text, deflated(json)),
    frame(RSV1 | op.text, deflated(json).subarray(0, 20)),
    frame(FIN | op.more, deflated(json).subarray(20)),
    frame(FIN | RSV1 | op.text, Buffer.of(0)),
    frame(FIN | op.text, json),
    frame(FIN | op.close, closing(1001)),
  ]
  const offer = 'permessage-deflate; client_max_window_bits'
  return [
    { head: request(), frames: Buffer.concat(plain) },
    { head: request({ headers: [['Sec-WebSocket-Extensions', offer]] }), frames: Buffer.concat(squeezed) },
  ]
}

/** Seeds of sessions that once did harm come first, for ever; behind them each session is the next number. */
const KEPT = [20_261_123]

/** One session with 1 to 64 bits flipped by its seed; in one of eight the request too. @param {Attack} it @param {ReturnType<typeof sessions>[number]} session @param {number} seed */
async function play(it, { head, frames }, seed) {
  it.sow(seed)
  const bytes = Buffer.concat([Buffer.from(head), frames])
  const [from, to] = it.random(8) === 0 ? [0, bytes.length] : [head.length, bytes.length]
  const flips = 1 << it.random(7)
  for (let flip = 0; flip < flips; flip++) bytes[from + it.random(to - from)] ^= 1 << it.random(8)
  it.add('flips', flips)
  it.add('sessions')
  const line = await it.raw()
  await line.write(bytes)
  line.socket.end()
  await it.ends([line], 5_000)
  if (line.open) it.settle(line, 'silence')
}

/** @type {Plan} */
export const flips = {
  name: 'bit-flips',
  title: 'recorded sessions, plain and compressed, with their bits flipped: a million flips, by seeds',
  threats: [11, 12, 13, 2],
  full: { count: 16, seconds: 75 },
  quick: { count: 8, seconds: 0.5 },
  watched: 5,
  deflate: true,
  permit: permits.message,
  outcomes: [
    '1000',
    '1001',
    '1002',
    '1003',
    '1005',
    '1007',
    '1008',
    '1009',
    '1010',
    '1011',
    '400',
    '403',
    '404',
    '405',
    '426',
    '431',
    '505',
    'cut',
    'reset',
    ANY_CODE,
  ],
  async run(it) {
    const recorded = sessions()
    await it.again(it.count, async index => {
      await play(it, recorded[index % recorded.length], KEPT[index] ?? index)
      if (it.done['flips'] >= 1_000_000) it.stop()
    })
  },
}
