/** The payload of a close frame, and the table of codes. RFC 6455 §5.5.1, §7.4 */

import { ProtocolError } from '../../packages/hotline/src/errors.ts'
import { isSendable, readClose } from '../../packages/hotline/src/protocol/close.ts'
import { join } from '../engine/bytes.ts'
import { content } from '../engine/stream.ts'
import { claim, type Target } from '../engine/target.ts'
import { maySend } from '../reference/codes.ts'
import { decodeUtf8, readUtf8 } from '../reference/utf8.ts'
import { CODECS } from './reading.ts'

/** What must come of a payload: code and reason, or the close code of the failure. */
function expected(payload: Uint8Array): string {
  if (payload.length === 0) return JSON.stringify([1005, ''])
  if (payload.length === 1) return 'fail 1002'
  const code = (payload[0] as number) * 256 + (payload[1] as number)
  if (!maySend(code)) return 'fail 1002'
  const reason = payload.subarray(2)
  const { wrongAt, complete } = readUtf8(reason)
  if (wrongAt < reason.length || !complete) return 'fail 1007'
  return JSON.stringify([code, decodeUtf8(reason)])
}

export const close: Target = {
  name: 'close',
  about: 'close frames: the table of codes, the reason as UTF-8',
  longest: 125,

  make(random) {
    const code = random.oneIn(2) ? 995 + random.below(25) : random.pick([random.below(65_536), 2999, 3000, 4999, 5000])
    return join([[code >> 8, code], content(random, 123)]).subarray(0, random.oneIn(8) ? random.below(4) : 125)
  },

  run(input) {
    const want = expected(input)
    const room = join([[0x03], input, [0xe8]])
    for (const codec of CODECS) {
      let got: string
      try {
        const { code, reason } = readClose(room, 1, 1 + input.length, codec)
        got = JSON.stringify([code, reason])
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        got = `fail ${error.closeCode}`
      }
      claim(got === want, 'a close frame is read after the table', got, want)
    }
    const code = ((input[0] ?? 0) << 8) | (input[1] ?? 0)
    claim(isSendable(code) === maySend(code), 'a code is sendable after the table', code)
  },
}
