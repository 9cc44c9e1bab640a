/** Raw DEFLATE by node:zlib, one call for each message: no stream is kept, so an idle line costs nothing. RFC 7692 §7.2 */
import { promisify } from 'node:util'
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib'
import type { DeflateCall, DeflateEngine } from '../../connection/deflate-engine.ts'
import { LimitError, ProtocolError } from '../../errors.ts'

/** The end of an empty stored block: left out on the wire, put back to read. RFC 7692 §7.2.1 */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff])
const { Z_SYNC_FLUSH, Z_DEFAULT_STRATEGY, Z_RLE } = constants

const deflateInThread = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw)
const inflateInThread = promisify<Uint8Array, ZlibOptions, Buffer>(inflateRaw)

const withDictionary = (options: ZlibOptions, dictionary: Uint8Array | undefined): ZlibOptions =>
  dictionary === undefined ? options : { ...options, dictionary }

/**
 * zlib makes a window of 8 bits into one of 9, which a peer with 8 could not read. Runs of one byte look back by one
 * only, so that they fit into any window.
 */
function deflateOptions({ windowBits, dictionary }: DeflateCall, level: number): ZlibOptions {
  const tiny = windowBits === 8
  const strategy = tiny ? Z_RLE : Z_DEFAULT_STRATEGY
  const options = { windowBits: tiny ? 9 : windowBits, strategy, level, finishFlush: Z_SYNC_FLUSH }
  return withDictionary(options, tiny ? undefined : dictionary)
}

const inflateOptions = ({ windowBits, dictionary }: DeflateCall, limit: number): ZlibOptions =>
  withDictionary({ windowBits, finishFlush: Z_SYNC_FLUSH, maxOutputLength: limit }, dictionary)

const withoutTail = (deflated: Buffer): Uint8Array => deflated.subarray(0, deflated.length - TAIL.length)

const withTail = (payload: Uint8Array): Buffer => Buffer.concat([payload, TAIL])

/** What a peer's bytes did to zlib, as an error of the protocol. */
function explain(error: unknown, limit: number): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ERR_BUFFER_TOO_LARGE')
    return new LimitError('message too big', { option: 'maxMessage', value: limit }, 1009)
  return new ProtocolError('compressed data is not valid', 1007)
}

export const nodeDeflate: DeflateEngine = {
  deflate: (data, call, level) => withoutTail(deflateRawSync(data, deflateOptions(call, level))),

  async deflateLater(data, call, level) {
    return withoutTail(await deflateInThread(data, deflateOptions(call, level)))
  },

  inflate(payload, call, limit) {
    try {
      return inflateRawSync(withTail(payload), inflateOptions(call, limit))
    } catch (error) {
      throw explain(error, limit)
    }
  },

  async inflateLater(payload, call, limit) {
    try {
      return await inflateInThread(withTail(payload), inflateOptions(call, limit))
    } catch (error) {
      throw explain(error, limit)
    }
  },
}
