/** Compression turned against who decompresses. RFC 7692 §7, §8 */
import { inflateRawSync, constants as zlib } from 'node:zlib'
import { deflated, fixedBlocks, nested, storedBlocks, tableBlocks, zeros } from '../line/bombs.mjs'
import { closing, FIN, frame, op, RSV1, repeat } from '../line/frame.mjs'
import { KIB, MIB, permits } from './permits.mjs'

/** @typedef {import('../types.ts').Plan} Plan */
/** @typedef {import('../attacker.mjs').Attack} Attack */

/** @param {string} offer */
const offering = offer => ({ headers: /** @type {const} */ ([['Sec-WebSocket-Extensions', offer]]) })
const deflate = offering('permessage-deflate')
const message = (/** @type {Uint8Array} */ payload) => frame(FIN | RSV1 | op.binary, payload)

/** A message in fragments of so many bytes. @param {Buffer} payload @param {number} size */
function fragments(payload, size) {
  const parts = []
  for (let at = 0; at < payload.length; at += size) {
    const last = at + size >= payload.length
    parts.push(frame((last ? FIN : 0) | (at === 0 ? RSV1 | op.binary : op.more), payload.subarray(at, at + size)))
  }
  return Buffer.concat(parts)
}

/** Lines that each send these bytes and wait for their end. @param {() => Buffer} make @returns {Plan['run']} */
const throwing = make => {
  return it => {
    const bytes = make()
    return it.again(it.count, async () => {
      const line = await it.line(deflate)
      await line.write(bytes)
      it.add('bytes', bytes.length)
      await it.ends([line], 10_000)
    })
  }
}

const shared = /** @type {const} */ ({
  threats: [2],
  deflate: true,
  permit: permits.message,
  outcomes: ['1009', 'reset'],
})
const sizes = { full: { count: 8, seconds: 2 }, quick: { count: 4, seconds: 0.1 } }

/** @type {Plan[]} */
const bombs = [
  {
    ...shared,
    ...sizes,
    name: 'bomb-zeros',
    title: '14 MiB of zeros in 14 KiB',
    run: throwing(() => message(zeros(14))),
  },
  {
    ...shared,
    name: 'bomb-large',
    title: '900 MiB of zeros in 900 KiB',
    full: { count: 4, seconds: 2 },
    quick: { count: 2, seconds: 0 },
    run: throwing(() => message(zeros(900))),
  },
  {
    ...shared,
    ...sizes,
    name: 'bomb-fragments',
    title: '14 MiB of zeros in fragments of 7 bytes',
    run: throwing(() => fragments(zeros(14), 7)),
  },
  {
    ...shared,
    name: 'bomb-crowd',
    title: 'bombs of 14 MiB on many lines at once',
    full: { count: 200, seconds: 2 },
    quick: { count: 20, seconds: 0 },
    run: throwing(() => message(zeros(14))),
  },
  {
    ...shared,
    name: 'bomb-takeover',
    title: 'message after message of zeros just below maxMessage, with what was sent before as the dictionary',
    threats: [2, 3],
    full: { count: 4, seconds: 2 },
    quick: { count: 2, seconds: 0.2 },
    outcomes: ['held'],
    // The echoes are read, so this asks for work that is allowed: 1 KiB for 1 MiB inflated, and deflated again.
    run: it => {
      const bytes = message(deflated(Buffer.alloc(MIB - 1)))
      return it.again(it.count, async () => {
        const line = await it.line(deflate)
        await it.pour(line, bytes)
      })
    },
  },
  {
    ...shared,
    name: 'bomb-nested',
    title: 'a bomb in a bomb: what comes out of it is compressed again',
    full: { count: 4, seconds: 1.5 },
    quick: { count: 2, seconds: 0 },
    outcomes: ['1000'],
    run: it => {
      const bytes = message(nested(100))
      return it.again(it.count, async () => {
        const line = await it.line(deflate)
        await line.write(bytes)
        await line.until(() => line.frames > 0, 5_000)
        await line.write(frame(FIN | op.close, closing(1000)))
        await it.ends([line])
      })
    },
  },
]

/** Blocks without content: work that grows with what was sent, and nothing comes out. */
const blocks = [storedBlocks, fixedBlocks, tableBlocks]

/** @type {Plan} */
const bombBlocks = {
  ...shared,
  name: 'bomb-blocks',
  title: 'hundreds of thousands of empty blocks of DEFLATE, stored, with fixed codes, with a table each',
  full: { count: 4, seconds: 2 },
  quick: { count: 3, seconds: 0 },
  outcomes: ['1000', '1007'],
  run: it => {
    const bytes = blocks.flatMap(make => [message(make(30 * KIB)), message(make(MIB - KIB))])
    return it.again(it.count, async () => {
      const line = await it.line(deflate)
      for (const one of bytes) {
        const before = line.frames
        if (!(await line.write(one))) break
        it.add('bytes', one.length)
        await line.until(() => line.frames > before, 10_000)
        if (it.over) break
      }
      await line.write(frame(FIN | op.close, closing(1000)))
      await it.ends([line], 10_000)
    })
  },
}

/** @type {Plan} */
const corrupt = {
  ...shared,
  name: 'deflate-corrupt',
  title: 'compressed messages that are noise, cut short, changed, or refer to what was never sent',
  threats: [3, 11],
  full: { count: 16, seconds: 1.5 },
  quick: { count: 8, seconds: 0.1 },
  outcomes: ['1000', '1007', '1009'],
  run: it => {
    const good = deflated(JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, of: 'corrupt' }))))
    return it.again(it.count, async index => {
      const bad = Buffer.from(good)
      bad[it.random(bad.length)] ^= 1 << it.random(8)
      const noise = Buffer.from(Array.from({ length: 64 }, () => it.random(256)))
      const payload = [Buffer.of(7, 255, 255, 255), noise, bad, good.subarray(0, it.random(good.length))][index % 4]
      const line = await it.line(deflate)
      await line.write(Buffer.concat([message(payload), frame(FIN | op.close, closing(1000))]))
      it.add('messages')
      await it.ends([line])
    })
  },
}

/** @type {Plan} */
const emptyCompressed = {
  ...shared,
  name: 'deflate-empty',
  title: 'compressed messages without content, as fast as they go, in one frame and in empty fragments',
  threats: [1, 3],
  full: { count: 4, seconds: 1.5 },
  quick: { count: 2, seconds: 0.2 },
  outcomes: ['held'],
  run: it => {
    const split = Buffer.concat([frame(RSV1 | op.text), frame(op.more), frame(FIN | op.more, Buffer.of(0))])
    const bytes = repeat(Buffer.concat([message(Buffer.of(0)), split]), 128)
    return it.again(it.count, async () => it.pour(await it.line(deflate), bytes, 512))
  },
}

const D = 'permessage-deflate'
/** Offers that ask for what cannot be, and for the smallest that can. */
const offers = [
  ...['7', '16', '0', '-1', '08', '1e1', 'x', '""', '99999999999'].map(bits => `${D}; server_max_window_bits=${bits}`),
  ...['7', '16', 'x', '8; client_max_window_bits=9'].map(bits => `${D}; client_max_window_bits=${bits}`),
  ...['8', '9', '15'].map(bits => `${D}; server_max_window_bits=${bits}; client_max_window_bits=${bits}`),
  `${D}; server_max_window_bits`,
  `${D}; server_no_context_takeover=1`,
  `${D}; server_no_context_takeover; server_no_context_takeover`,
  `${D}; unknown`,
  `x-webkit-deflate-frame, ${D}; server_max_window_bits=99, ${D}; server_max_window_bits=8`,
]

/** @type {Plan} */
const parameters = {
  ...shared,
  name: 'deflate-parameters',
  title: 'windows of 7, 8 and 16 bits, parameters twice, unknown, without and with values; messages behind them',
  threats: [3],
  full: { count: 16, seconds: 1.5 },
  quick: { count: offers.length, seconds: 0 },
  permit: permits.window,
  outcomes: ['400', '1000', '1002', '1007'],
  run: it => {
    const payload = deflated(JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id }))))
    return it.again(it.count, async index => {
      const line = await it.line(offering(offers[index % offers.length]))
      const [, agreed = ''] = /^sec-websocket-extensions: *(.*)$/im.exec(line.head) ?? []
      for (const [, bits] of agreed.matchAll(/window_bits=?([^;,]*)/g)) {
        if (!/^(8|9|1[0-5])$/.test(bits)) it.fault(`agreed on a window of ${bits || 'nothing'}: ${agreed}`)
      }
      it.add('offers')
      if (line.status === 101) await line.write(agreed ? message(payload) : frame(FIN | op.text, 'plain'))
      if (line.status === 101) await line.until(() => line.frames > 0, 5_000)
      await line.write(frame(FIN | op.close, closing(1000)))
      await it.ends([line])
    })
  },
}

/** @type {Plan} */
const contexts = {
  ...shared,
  name: 'deflate-contexts',
  title: 'lines that agree on takeover with the largest windows, let both ends compress, and go without a word',
  threats: [3, 1],
  full: { count: 400, seconds: 2 },
  quick: { count: 40, seconds: 0.2 },
  permit: permits.window,
  outcomes: ['left', 'reset'],
  run: it => {
    const payload = deflated(JSON.stringify(Array.from({ length: 2_000 }, () => it.random(1e9))))
    return it.again(1, async () => {
      const lines = await it.lines(it.count, deflate)
      await it.times(lines.length, index => lines[index].write(message(payload)))
      await Promise.all(lines.map(line => line.until(() => line.frames > 0, 5_000)))
      for (const line of lines) line.leave('reset')
      await it.ends(lines)
      it.add('lines', lines.length)
    })
  },
}

/** @type {Plan} */
const oracle = {
  ...shared,
  name: 'deflate-oracle',
  title: 'a secret, then guesses at it on the same line: the length of an echo tells nothing about the one before',
  threats: [16],
  full: { count: 4, seconds: 1 },
  quick: { count: 2, seconds: 0 },
  outcomes: ['1000'],
  run: it =>
    it.again(it.count, async () => {
      const line = await it.line({ ...deflate, keep: true })
      const lengths = []
      const secret = `token=${Array.from({ length: 2_000 }, () => it.random(36).toString(36)).join('')}`
      const wrong = `token=${Array.from({ length: 2_000 }, () => it.random(36).toString(36)).join('')}`
      for (const text of [secret, secret, wrong, secret]) {
        const before = line.got.length
        await line.write(frame(FIN | op.text, text))
        await line.until(() => line.got.length > before, 5_000)
        const [{ first, payload } = { first: 0, payload: Buffer.alloc(0) }] = line.got.slice(before)
        lengths.push(payload.length)
        if (before === 0 && first & RSV1 && !alone(payload, text)) it.fault('the first echo is not what was sent')
      }
      it.add('guesses', lengths.length)
      if (lengths[0] !== lengths[1]) it.fault(`the same text took ${lengths[0]} bytes, and ${lengths[1]} behind itself`)
      await line.write(frame(FIN | op.close, closing(1000)))
      await it.ends([line])
    }),
}

/** Whether it can be read without what came before. @param {Buffer} payload @param {string} text */
const alone = (payload, text) => inflateRawSync(payload, { finishFlush: zlib.Z_SYNC_FLUSH }).toString() === text

export const compression = [...bombs, bombBlocks, corrupt, emptyCompressed, parameters, contexts, oracle]
