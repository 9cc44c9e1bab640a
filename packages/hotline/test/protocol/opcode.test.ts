import { expect, test } from 'vitest'
import { isControl, isDefined, Opcode } from '../../src/protocol/opcode.ts'

// RFC 6455 §5.2, §11.8: all that four bits can say.
const table: readonly (readonly [opcode: number, meaning: string, defined: boolean, control: boolean])[] = [
  [0x0, 'continuation', true, false],
  [0x1, 'text', true, false],
  [0x2, 'binary', true, false],
  [0x3, 'reserved for data', false, false],
  [0x4, 'reserved for data', false, false],
  [0x5, 'reserved for data', false, false],
  [0x6, 'reserved for data', false, false],
  [0x7, 'reserved for data', false, false],
  [0x8, 'close', true, true],
  [0x9, 'ping', true, true],
  [0xa, 'pong', true, true],
  [0xb, 'reserved for control', false, true],
  [0xc, 'reserved for control', false, true],
  [0xd, 'reserved for control', false, true],
  [0xe, 'reserved for control', false, true],
  [0xf, 'reserved for control', false, true],
]

for (const [opcode, meaning, defined, control] of table)
  test(`opcode 0x${opcode.toString(16)} is ${meaning}`, () => {
    expect(isDefined(opcode)).toBe(defined)
    expect(isControl(opcode)).toBe(control)
    expect(Object.entries(Opcode).find(([, value]) => value === opcode)?.[0]).toBe(defined ? meaning : undefined)
  })
