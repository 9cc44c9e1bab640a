/** Opcodes that are reserved. RFC 6455 §5.2, §11.8 */
import { chopped, fails, family, first, group, messages, more, send, text, txt } from './pieces.ts'

const DATA = [3, 4, 5, 6, 7]
const CONTROL = [11, 12, 13, 14, 15]

const about = (opcodes: readonly number[], kind: string) =>
  group(
    {
      clause: 'RFC 6455 §5.2',
      why: 'An opcode that is not known MUST fail the connection: later standards can use it only if nobody swallows it now.',
    },
    opcodes.flatMap(opcode => [
      { title: `${kind} opcode ${opcode}, empty`, steps: [send({ opcode })], outcomes: fails([1002]) },
      {
        title: `${kind} opcode ${opcode} with a payload`,
        steps: [send({ opcode, payload: 'Hello' })],
        outcomes: fails([1002]),
      },
      {
        title: `${kind} opcode ${opcode} after a message and its answer, byte by byte`,
        steps: [send(text('before')), messages(), chopped(1, { opcode, payload: 'Hello' })],
        outcomes: fails([1002], { messages: [txt('before')] }),
      },
      {
        title: `${kind} opcode ${opcode} within a message`,
        steps: [send(text('Hel', first), { opcode, payload: 'x' }, more('lo'))],
        outcomes: fails([1002]),
      },
      {
        title: `${kind} opcode ${opcode}, not final`,
        steps: [send({ opcode, payload: 'Hel', fin: false }, more('lo'))],
        outcomes: fails([1002]),
      },
    ]),
  )

export const opcodes = family(4, 'Opcodes', [about(DATA, 'data'), about(CONTROL, 'control')])
