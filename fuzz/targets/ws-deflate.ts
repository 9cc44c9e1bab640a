/** Messages with permessage-deflate, whole and in fragments, both roles: the same bytes to ws. RFC 7692 §6, §7.2 */
import { inflateRawSync } from 'node:zlib'
import { ProtocolError } from '../../packages/hotline/src/errors.ts'
import { portableCodec } from '../../packages/hotline/src/protocol/text.ts'
import { join, WHOLE } from '../engine/bytes.ts'
import { stream } from '../engine/stream.ts'
import type { Target } from '../engine/target.ts'
import { type Reading, readFrames, toHex } from '../reference/frames.ts'
import { decodeUtf8, readUtf8 } from '../reference/utf8.ts'
import { readDeflatedByWs, type WsTold } from '../reference/ws.ts'
import { compression, ENGINES, inflated, lineOf, payload } from './deflate.ts'
import { hear } from './reading.ts'
import { compare, DIFFERENCES, type Explained, untilClosed } from './ws.ts'

const NOT_DEFLATE = 'compressed data is not valid'
const isFail = (told: readonly WsTold[], ...codes: number[]): boolean =>
  told[0]?.[0] === 'fail' && codes.includes(told[0][1])

const WITH_DEFLATE: readonly Explained[] = [
  {
    what: 'ws inflates what breaks off in the middle of a block, and gives what there is of it',
    clause:
      'RFC 7692 §7.2.1: a payload ends with an empty block without compression, whose last four bytes are left out',
    right: 'hotline',
    when: ({ ours, error, bytes, reading, forgets }) =>
      isFail(ours, 1007) && error === NOT_DEFLATE && breaksOff(bytes, reading, forgets === true),
  },
  {
    what: 'ws fails at the fragment that is wrong, hotline when the message is whole',
    clause: 'RFC 7692 §6.2: a message is inflated; when is left open',
    right: 'both',
    when: ({ ours, theirs }) =>
      theirs.length === 1 && isFail(theirs, 1007, 1009) && !['text', 'binary'].includes(ours[0]?.[0] ?? ''),
  },
  {
    what: 'ws counts only what is inflated against its limit, hotline also what is compressed, with what DEFLATE may add',
    clause: 'RFC 6455 §10.4: limits are for the implementation',
    right: 'both',
    when: ({ ours }) => isFail(ours, 1009),
  },
  {
    what: 'ws lets what stands behind a last block run into the message behind it',
    clause: 'RFC 7692 §7.2.3.4: a message may end its DEFLATE stream, and the next one begins at a byte of its own',
    right: 'hotline',
    when: ({ bytes, reading }) =>
      readFrames(bytes, reading).some(told => told[0] === 'compressed' && endsStream(Buffer.from(told[2], 'hex'))),
  },
  {
    what: 'ws takes what a compressed message without a byte lacks from the message behind it',
    clause:
      'RFC 7692 §7.2.3.6: an empty message has a byte; zlib leaves it out where its stream stands at a border already',
    right: 'both',
    when: ({ bytes, reading }) => readFrames(bytes, reading).some(told => told[0] === 'compressed' && told[2] === ''),
  },
  ...DIFFERENCES,
]

/** True where zlib, with all that went before, does not come to the end of one of the messages either. */
function breaksOff(bytes: Uint8Array, reading: Reading, forgets: boolean): boolean {
  let history: Uint8Array = new Uint8Array(0)
  for (const told of readFrames(bytes, reading)) {
    if (told[0] !== 'compressed') continue
    const message = inflated(new Uint8Array(Buffer.from(told[2], 'hex')), 15, history)
    if (message === undefined) return true
    if (!forgets) history = join([history, message])
  }
  return false
}

/** Whatever went before. */
const dictionary = new Uint8Array(32_768)

/** True for a payload that has a last block, and so is whole without its tail. */
function endsStream(bytes: Uint8Array): boolean {
  try {
    inflateRawSync(bytes, { dictionary })
    return true
  } catch {
    return false
  }
}

/** What hotline tells of it: the receiver, and behind it what inflates. */
function readByHotline(
  bytes: Uint8Array,
  reading: Reading,
  params: ReturnType<typeof lineOf>,
): [WsTold[], error: string] {
  const { told, error } = hear(bytes, reading, WHOLE, 'plain', portableCodec)
  const [all, message] = untilClosed(told, error)
  const role = reading.masked ? 'server' : 'client'
  const inflater = compression(role, { ...params, maxMessage: reading.maxMessage }, ENGINES[0] as never)
  const read: WsTold[] = []
  for (const one of all) {
    if (one[0] !== 'compressed') {
      read.push(one)
      continue
    }
    try {
      const data = new Uint8Array(inflater.inflate(new Uint8Array(Buffer.from(one[2], 'hex'))))
      const { wrongAt, complete } = readUtf8(data)
      if (one[1] === 2) read.push(['binary', toHex(data)])
      else if (wrongAt < data.length || !complete) return [[...read, ['fail', 1007]], 'text is not UTF-8']
      else read.push(['text', decodeUtf8(data)])
    } catch (refused) {
      if (!(refused instanceof ProtocolError)) throw refused
      return [[...read, ['fail', refused.closeCode]], refused.message]
    }
  }
  return [read, message]
}

/** Parameters as ws is given them. */
function paramsOf({ params }: ReturnType<typeof lineOf>): object {
  return {
    ...(params.serverNoContextTakeover ? { server_no_context_takeover: [true] } : {}),
    ...(params.clientNoContextTakeover ? { client_no_context_takeover: [true] } : {}),
  }
}

export const wsDeflate: Target = {
  name: 'ws-deflate',
  explains: WITH_DEFLATE,
  about: 'messages with permessage-deflate, the same bytes to ws: each difference is one of the table’s',
  longest: 100_000,

  make(random) {
    const masked = random.oneIn(2)
    let before: Uint8Array = new Uint8Array(0)
    const compress = (inner: typeof random): Uint8Array => {
      const made = payload(inner, before)
      before = join([before, inflated(made, 15, before) ?? []])
      return made
    }
    const limited = random.oneIn(4) ? 8 : 0
    return join([[(masked ? 1 : 0) | (random.below(4) << 1) | limited], stream(random, { masked, compress, most: 6 })])
  },

  async run(input, explain) {
    const options = input[0] ?? 0
    const reading: Reading = {
      masked: (options & 1) !== 0,
      compression: true,
      maxMessage: (options & 8) !== 0 ? 300 : 1 << 20,
    }
    const line = lineOf((options >> 1) & 3, 0)
    const bytes = input.subarray(1)
    const [ours, error] = readByHotline(bytes, reading, line)
    const theirs = await readDeflatedByWs(bytes, reading, paramsOf(line))
    const { clientNoContextTakeover, serverNoContextTakeover } = line.params
    const forgets = reading.masked ? clientNoContextTakeover : serverNoContextTakeover
    compare(ours, theirs, error, { bytes, reading, forgets }, explain, WITH_DEFLATE)
  },
}
