/**
 * A second reader of frames, for comparison: slow, over one whole array, and as close to the words of
 * RFC 6455 §5 and §8.1 as code can be. It shares nothing with src/protocol.
 */
import type { Told } from '../vectors/vector.ts'

class Failure extends Error {
  readonly closeCode: number

  constructor(closeCode: number) {
    super(`${closeCode}`)
    this.closeCode = closeCode
  }
}

const fail = (closeCode: number): never => {
  throw new Failure(closeCode)
}

const toHex = (bytes: readonly number[]): string => bytes.map(byte => byte.toString(16).padStart(2, '0')).join(' ')

/** Everything that must be told of these bytes, of which more may come. */
export function readFrames(role: 'client' | 'server', bytes: readonly number[], maxMessage: number): Told[] {
  const told: Told[] = []
  try {
    read(role === 'server', bytes, maxMessage, told)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    told.push(['fail', error.closeCode])
  }
  return told
}

function read(masked: boolean, bytes: readonly number[], maxMessage: number, told: Told[]): void {
  let at = 0
  let kind: 'text' | 'binary' | undefined
  let content: number[] = []
  let empty = 0
  while (bytes.length - at >= 2) {
    const first = bytes[at] as number
    const second = bytes[at + 1] as number
    const final = first >= 128
    const opcode = first % 16
    const reserved = Math.floor(first / 16) % 8
    if (reserved !== 0) fail(1002)
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) fail(1002)
    if (second >= 128 !== masked) fail(1002)
    const code = second % 128
    if (opcode >= 8 && (!final || code > 125)) fail(1002)
    if (opcode === 0 && kind === undefined) fail(1002)
    if ((opcode === 1 || opcode === 2) && kind !== undefined) fail(1002)

    const extended = code === 126 ? 2 : code === 127 ? 8 : 0
    const start = at + 2 + extended + (masked ? 4 : 0)
    if (bytes.length < start) return
    const digits = bytes.slice(at + 2, at + 2 + extended)
    const length = extended === 0 ? code : Number(digits.reduce((sum, digit) => sum * 256n + BigInt(digit), 0n))
    if (extended === 8 && (digits[0] as number) >= 128) fail(1002)
    if (extended === 2 && length < 126) fail(1002)
    if (extended === 8 && length < 65536) fail(1002)
    if (opcode < 8) {
      if (content.length + length > maxMessage) fail(1009)
      if (length === 0 && !final && ++empty > 1024) fail(1008)
    }

    const key = bytes.slice(start - 4, start)
    const payload = bytes
      .slice(start, start + length)
      .map((octet, i) => (masked ? octet ^ (key[i % 4] as number) : octet))
    const whole = bytes.length >= start + length
    if (opcode >= 8) {
      if (!whole) return
      told.push([opcode === 8 ? 'close' : opcode === 9 ? 'ping' : 'pong', toHex(payload)])
    } else {
      if (opcode > 0) kind = opcode === 1 ? 'text' : 'binary'
      content = [...content, ...payload]
      if (kind === 'text') checkText(content, whole && final)
      if (!whole) return
      if (final) {
        told.push(kind === 'text' ? ['text', decode(content)] : ['binary', toHex(content)])
        kind = undefined
        content = []
        empty = 0
      }
    }
    at = start + length
  }
}

const decode = (octets: readonly number[]): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(octets))

/** What is there must be the beginning of a text, and all of it when it is final. RFC 3629 §4 */
function checkText(octets: readonly number[], final: boolean): void {
  const endings = final ? [[]] : [[], [0x80], [0x80, 0x80], [0x80, 0x80, 0x80], [0xa0, 0x80], [0x90, 0x80, 0x80]]
  const possible = endings.some(ending => {
    try {
      decode([...octets, ...ending])
      return true
    } catch {
      return false
    }
  })
  if (!possible) fail(1007)
}
