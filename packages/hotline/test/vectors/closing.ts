/** RFC 6455 §5.5.1 and §7: the closing handshake, close codes, and how a connection is failed. */
import type { Sending, Vector } from './vector.ts'

const failed = (closeCode: number): Vector['told'] => [['fail', closeCode], ['hangup']]
const code = (value: number): string =>
  `${(value >> 8).toString(16).padStart(2, '0')} ${(value & 255).toString(16).padStart(2, '0')}`

/** §7.4.1, §7.4.2 and the IANA registry */
const allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
const refused = [
  [0, '§7.4.2'],
  [1, '§7.4.2'],
  [999, '§7.4.2'],
  [1004, '§7.4.1'],
  [1005, '§7.4.1'],
  [1006, '§7.4.1'],
  [1015, '§7.4.1'],
  [1016, '§7.4.2'],
  [1100, '§7.4.2'],
  [2000, '§7.4.2'],
  [2999, '§7.4.2'],
  [5000, '§7.4.2'],
  [65535, '§7.4.2'],
] as const

export const closing: readonly Vector[] = [
  {
    name: 'answers a close frame without a body with one, and knows no code (1005)',
    clause: '§7.1.5',
    role: 'both',
    hex: '88 00',
    told: [['closing', 1005, ''], ['hangup']],
    answer: '88 00',
  },
  {
    name: 'fails the connection upon a close frame with a body of one byte',
    clause: '§5.5.1',
    role: 'both',
    hex: '88 01 03',
    told: failed(1002),
  },
  {
    name: 'answers with the code and the reason that it received',
    clause: '§5.5.1',
    role: 'both',
    hex: '88 07 0f a0 c3 a4 21 21 21',
    told: [['closing', 4000, 'ä!!!'], ['hangup']],
    answer: '88 07 0f a0 c3 a4 21 21 21',
  },
  {
    name: 'reads a reason of 123 bytes',
    clause: '§7.1.6',
    role: 'both',
    hex: '88 7d 03 e8 61*123',
    told: [['closing', 1000, 'a'.repeat(123)], ['hangup']],
    answer: '88 7d 03 e8 61*123',
  },
  ...['ff', '80', 'c3', '61 e2 82', 'ed a0 80', 'c0 80'].map(
    (reason): Vector => ({
      name: `fails the connection upon the reason ${reason}, which is not UTF-8`,
      clause: '§5.5.1',
      role: 'both',
      hex: `88 0${reason.split(' ').length + 2} 03 e8 ${reason}`,
      told: failed(1007),
    }),
  ),
  ...allowed.map(
    (value): Vector => ({
      name: `accepts the close code ${value}`,
      clause: '§7.4',
      role: 'both',
      hex: `88 02 ${code(value)}`,
      told: [['closing', value, ''], ['hangup']],
      answer: `88 02 ${code(value)}`,
    }),
  ),
  ...refused.map(
    ([value, clause]): Vector => ({
      name: `fails the connection upon the close code ${value}`,
      clause,
      role: 'both',
      hex: `88 02 ${code(value)}`,
      told: failed(1002),
    }),
  ),
  {
    name: 'reads nothing behind a close frame, not even what is wrong',
    clause: '§5.5.1',
    role: 'both',
    hex: '88 02 03 e8 | 81 01 41 | ff 7f ff*8',
    told: [['closing', 1000, ''], ['hangup']],
    answer: '88 02 03 e8',
  },
  {
    name: 'delivers what came before the close frame',
    clause: '§7.1.3',
    role: 'both',
    hex: '81 01 41 | 82 01 42 | 88 02 03 e9',
    told: [['text', 'A'], ['binary', '42'], ['closing', 1001, ''], ['hangup']],
    answer: '88 02 03 e9',
  },
  {
    name: 'processes nothing behind a violation, not even a close frame',
    clause: '§7.1.7',
    role: 'both',
    hex: '81 01 41 | 83 00 | 81 01 42 | 88 02 03 e8',
    told: [['text', 'A'], ...failed(1002)],
  },
]

export const closingSendings: readonly Sending[] = [
  {
    name: 'starts the closing handshake with a close frame',
    clause: '§7.1.2',
    role: 'both',
    commands: [['close', 1000, 'done']],
    hex: '88 06 03 e8 64 6f 6e 65',
  },
  {
    name: 'starts the closing handshake without a code when none is given',
    clause: '§7.1.2',
    role: 'both',
    commands: [['close']],
    hex: '88 00',
  },
  {
    name: 'never puts the code 1005 into a close frame',
    clause: '§7.4.1',
    role: 'both',
    commands: [['close', 1005]],
    hex: '88 00',
  },
  {
    name: 'sends a reason of 123 bytes',
    clause: '§5.5',
    role: 'both',
    commands: [['close', 4999, `${'ä'.repeat(61)}a`]],
    hex: `88 7d 13 87 ${'c3 a4 '.repeat(61)} 61`,
  },
  {
    name: 'sends one close frame however often it is asked to',
    clause: '§5.5.1',
    role: 'both',
    commands: [['close', 1000], ['close', 1001], ['close']],
    hex: '88 02 03 e8',
  },
  {
    name: 'does not answer a close frame when its own is out',
    clause: '§5.5.1',
    role: 'both',
    commands: [
      ['close', 1000],
      ['read', '88 02 03 e9'],
    ],
    hex: '88 02 03 e8',
  },
  {
    name: 'does not start the closing handshake when it has answered a close frame',
    clause: '§5.5.1',
    role: 'both',
    commands: [
      ['read', '88 02 03 e9'],
      ['close', 1000],
    ],
    hex: '88 02 03 e9',
  },
  {
    name: 'still answers a ping after its own close frame',
    clause: '§5.5.2',
    role: 'both',
    commands: [
      ['close', 1000],
      ['read', '81 01 41 | 89 01 07 | 88 02 03 e8 | 89 01 08'],
    ],
    hex: '88 02 03 e8 | 8a 01 07',
  },
  {
    name: 'sends no second close frame when the peer breaks the standard during the closing handshake',
    clause: '§7.1.7',
    role: 'both',
    commands: [
      ['close', 1000],
      ['read', 'ff 00 | 89 00'],
    ],
    hex: '88 02 03 e8',
  },
]
