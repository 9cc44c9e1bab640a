/** Frames as bytes, right or wrong, just as a case describes them. RFC 6455 §5.2 */
import type { Frame } from '../case.ts'
import { bytesOf, preview } from './payload.ts'

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(OPCODES).map(([name, opcode]) => [opcode, name]),
)

/** The key of masks. It need not be random here: a proxy that could be deceived stands between nobody. §5.3 */
const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d])
const ZEROS = Buffer.alloc(4)

/** `masks` says whether the end that sends it has to mask. */
export function encode(frame: Frame, masks: boolean): Buffer {
  const { opcode, fin = true, rsv = 0, mask } = frame
  const payload = bytesOf(frame.payload)
  const masked = mask === 'wrong' ? !masks : masks
  const key = masked ? (mask === 'zero' ? ZEROS : KEY) : undefined
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const length = lengthBytes(frame.declares ?? BigInt(payload.length), frame.form, masked)
  return Buffer.concat([Buffer.from([first]), length, key ?? Buffer.alloc(0), key ? turned(payload, key) : payload])
}

function lengthBytes(length: bigint, form: Frame['form'], masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0
  const bits = form ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64)
  if (bits === 7) return Buffer.from([bit | Number(length)])
  const bytes = Buffer.alloc(bits === 16 ? 3 : 9, bit | (bits === 16 ? 126 : 127))
  if (bits === 16) bytes.writeUInt16BE(Number(length), 1)
  else bytes.writeBigUInt64BE(BigInt.asUintN(64, length), 1)
  return bytes
}

/** Masks, or takes a mask off. §5.3 */
export function turned(payload: Uint8Array, key: Uint8Array): Buffer {
  const result = Buffer.from(payload)
  for (let index = 0; index < result.length; index++) result[index]! ^= key[index & 3]!
  return result
}

/** Such as `text, not final, RSV1, 5 bytes: "Hello"`. */
export function inWords({ opcode, fin = true, rsv = 0, payload = '', mask, form, declares }: Frame): string {
  const parts = [NAMES[opcode] ?? `opcode ${opcode}`]
  if (!fin) parts.push('not final')
  for (const [bit, name] of [4, 2, 1].map((bit, index) => [bit, `RSV${index + 1}`] as const))
    if (rsv & bit) parts.push(name)
  if (mask === 'wrong') parts.push('wrongly masked')
  if (mask === 'zero') parts.push('masked with zeros')
  if (form !== undefined) parts.push(`length in ${form} bits`)
  if (declares !== undefined) parts.push(`declares ${declares} bytes`)
  return `${parts.join(', ')}, ${preview(bytesOf(payload), opcode === OPCODES.text)}`
}
