// RFC 7692 §6: RSV1 marks the first frame of a compressed message, and nothing else.
import { describe, expect, test } from 'vitest'
import { LimitError } from '../../src/errors.ts'
import { encodeFrame } from '../../src/protocol/encoder.ts'
import { RSV1 } from '../../src/protocol/header.ts'
import { Opcode } from '../../src/protocol/opcode.ts'
import { portableCodec } from '../../src/protocol/text.ts'
import type { Told } from '../vectors/vector.ts'
import { endpoint, fromPeer, hex, receiver, roles, toHex } from './support.ts'

/** "Hello" as RFC 7692 §7.2.3.1 has it. */
const HELLO = 'f2 48 cd c9 c9 07 00'

const rows: readonly [claim: string, frames: string, told: readonly Told[]][] = [
  ['a compressed text in one frame', `c1 07 ${HELLO}`, [['compressed', Opcode.text, HELLO]]],
  ['a compressed binary in one frame', `c2 07 ${HELLO}`, [['compressed', Opcode.binary, HELLO]]],
  [
    'a compressed message in fragments (§6.1)',
    '41 03 f2 48 cd|80 04 c9 c9 07 00',
    [['compressed', Opcode.text, HELLO]],
  ],
  [
    'a ping between the fragments',
    '41 03 f2 48 cd|89 00|80 04 c9 c9 07 00',
    [
      ['ping', ''],
      ['compressed', Opcode.text, HELLO],
    ],
  ],
  [
    'a plain message between compressed ones (§6)',
    `c1 07 ${HELLO}|81 02 68 69|c1 07 ${HELLO}`,
    [
      ['compressed', Opcode.text, HELLO],
      ['text', 'hi'],
      ['compressed', Opcode.text, HELLO],
    ],
  ],
  [
    'plain fragments behind a compressed message',
    `c1 07 ${HELLO}|01 01 68|80 01 69`,
    [
      ['compressed', Opcode.text, HELLO],
      ['text', 'hi'],
    ],
  ],
  ['RSV1 on a continuation', '01 01 68|c0 01 69', [['fail', 1002]]],
  ['RSV1 on a ping', 'c9 00', [['fail', 1002]]],
  ['RSV2', 'a1 00', [['fail', 1002]]],
]

describe.each(roles)('a %s with compression', role => {
  for (const [claim, frames, told] of rows) {
    for (const size of [0, 1]) {
      test(`reads ${claim}, ${size === 0 ? 'whole' : 'byte by byte'}`, () => {
        const { notes, read } = receiver(role, { compression: true })
        read(fromPeer(role, frames), [size])
        expect(notes.told).toEqual(told)
      })
    }
  }

  test('refuses RSV1 where compression was not agreed on', () => {
    const { notes, read } = receiver(role)
    read(fromPeer(role, `c1 07 ${HELLO}`))
    expect(notes.told).toEqual([['fail', 1002]])
  })

  test('lets a compressed message be a little longer than maxMessage, since DEFLATE may add to what it cannot shrink', () => {
    const { notes, read } = receiver(role, { compression: true, maxMessage: 4 })
    read(fromPeer(role, `c1 07 ${HELLO}`))
    expect(notes.told).toEqual([['compressed', Opcode.text, HELLO]])
    for (const frames of ['c2 7e 01 00', `42 07 ${HELLO}|80 7e 01 00`, '82 05']) {
      const other = receiver(role, { compression: true, maxMessage: 4 })
      other.read(fromPeer(role, frames))
      expect(other.notes.told).toEqual([['fail', 1009]])
      expect(other.notes.error).toBeInstanceOf(LimitError)
    }
  })

  test('is told of compressed messages while it is open, and not after its close', () => {
    const { it, diary, read } = endpoint(role, { compression: true })
    read(fromPeer(role, `c1 07 ${HELLO}`))
    it.close(1000)
    read(fromPeer(role, `c1 07 ${HELLO}`))
    expect(diary.told).toEqual([['compressed', Opcode.text, HELLO]])
  })

  test('writes what is compressed already with RSV1, so that the other end reads it', () => {
    const { it, sheet } = endpoint(role, { compression: true })
    it.sendCompressed(Opcode.binary, hex(HELLO))
    const other = receiver(role === 'client' ? 'server' : 'client', { compression: true })
    other.read(sheet.take())
    expect(other.notes.told).toEqual([['compressed', Opcode.binary, HELLO]])
  })
})

test('a frame for many can be one of a compressed message', () => {
  expect(toHex(encodeFrame(Opcode.text, hex(HELLO), portableCodec, RSV1))).toBe(`c1 07 ${HELLO}`)
})
