/** The tables of test/vectors, read and sent by endpoints of both roles, in every shape. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Opcode, type Role } from '../../src/protocol/opcode.ts'
import { closing, closingSendings } from '../vectors/closing.ts'
import { exampleSendings, examples } from '../vectors/examples.ts'
import { framing } from '../vectors/framing.ts'
import { sending } from '../vectors/sending.ts'
import { utf8 } from '../vectors/utf8.ts'
import type { Command, Vector } from '../vectors/vector.ts'
import { codecs, endpoint, fromPeer, hex, join, law, masked, otherEnd, roles, shape, shapes, toHex } from './support.ts'

const rolesOf = ({ role }: { readonly role: Role | 'both' }): readonly Role[] => (role === 'both' ? roles : [role])
const input = (role: Role, vector: Vector) => (vector.role === 'both' ? fromPeer(role, vector.hex) : hex(vector.hex))

/** Frames without a mask as this role sends them. */
const asSent = (role: Role, frames: string) => fromPeer(otherEnd(role), frames)

for (const [codecName, codec] of codecs)
  describe(`with the ${codecName} codec`, () => {
    for (const vector of [...examples, ...framing, ...utf8, ...closing])
      for (const role of rolesOf(vector)) {
        const claim = (sizes: readonly number[]): void => {
          const { it, diary, sheet, read } = endpoint(role, { codec, maxMessage: vector.maxMessage ?? 1 << 20 })
          read(input(role, vector), sizes)
          const over = diary.told.some(([what]) => what === 'hangup')
          if (over) read(fromPeer(role, '81 01 41 | 89 01 42 | 88 02 03 e8'), sizes)
          expect(diary.told).toEqual(vector.told)
          expect(it.isOpen).toBe(!over)
          const failure = vector.told.find(([what]) => what === 'fail')
          if (failure === undefined) expect(toHex(sheet.take())).toBe(toHex(asSent(role, vector.answer ?? '')))
          else expect(closeCodes(role, sheet.written)).toEqual([failure[1]])
        }
        const title = `${vector.clause}: a ${role} ${vector.clause === '§5.7' ? `reads ${vector.name}` : vector.name}`
        for (const [name, sizes] of shapes) test(`${title} (${name})`, () => claim(sizes))
        test(`${title} (split at random)`, () => law(fc.property(shape(), claim), 10))
      }

    for (const row of [...exampleSendings, ...sending, ...closingSendings])
      for (const role of rolesOf(row)) {
        const verb = row.clause === '§5.7' ? `sends ${row.name}` : row.name
        test(`${row.clause}: a ${role} ${verb}`, () => {
          const { it, sheet, read } = endpoint(role, { codec })
          for (const command of row.commands) act(role, it, read, command)
          const expected = row.role === 'both' ? asSent(role, row.hex) : hex(row.hex)
          expect(toHex(sheet.take())).toBe(toHex(expected))
        })
      }
  })

type Ends = ReturnType<typeof endpoint>

function act(role: Role, it: Ends['it'], read: Ends['read'], command: Command): void {
  const [what, data, last] = command
  if (what === 'close') it.close(data, last)
  else if (what === 'read') read(role === 'server' ? fromPeer(role, data) : hex(data))
  else if (what === 'text') it.sendText(data, Opcode.text, last)
  else if (what === 'more') it.sendText(data, Opcode.continuation, last)
  else if (what === 'binary') it.sendBinary(hex(data), Opcode.binary, last)
  else it.ping(hex(data))
}

/** The codes of frames that are all close frames with a short reason in ASCII. */
function closeCodes(role: Role, frames: readonly Uint8Array[]): number[] {
  return frames.map(frame => {
    const plain = role === 'client' ? join([frame.subarray(0, 2), unmask(frame)]) : frame
    const length = (plain[1] as number) & 0x7f
    expect(plain[0]).toBe(0x88)
    expect(plain.length).toBe(2 + length)
    expect(length).toBeLessThanOrEqual(125)
    expect(new TextDecoder().decode(plain.subarray(4))).toMatch(/^[ -~]+$/)
    return ((plain[2] as number) << 8) | (plain[3] as number)
  })
}

/** The payload of a short frame that was masked with the key of all these tests. */
const unmask = (frame: Uint8Array) =>
  masked(join([Uint8Array.of(0x88, frame.length - 6), frame.subarray(6)])).subarray(6)
