/** RFC 6455 §5.1 to §5.6: what must be read, and what must be refused. */
import type { Vector } from './vector.ts'

const failed = (closeCode: number): Vector['told'] => [['fail', closeCode], ['hangup']]
const byte = (value: number): string => value.toString(16).padStart(2, '0')
const repeat = (octet: string, times: number): string => Array(times).fill(octet).join(' ')

const opcodes = [
  [0x0, 'a continuation'],
  [0x1, 'a text frame'],
  [0x2, 'a binary frame'],
  [0x8, 'a close frame'],
  [0x9, 'a ping'],
  [0xa, 'a pong'],
] as const
const controls = opcodes.filter(([opcode]) => opcode >= 0x8)

/** §5.1 */
const maskBit: readonly Vector[] = [
  ...opcodes.map(
    ([opcode, name]): Vector => ({
      name: `closes the connection upon ${name} that is not masked`,
      clause: '§5.1',
      role: 'server',
      hex: `${byte(0x80 | opcode)} 00`,
      told: failed(1002),
    }),
  ),
  ...opcodes.map(
    ([opcode, name]): Vector => ({
      name: `closes the connection upon ${name} that is masked`,
      clause: '§5.1',
      role: 'client',
      hex: `${byte(0x80 | opcode)} 80 37 fa 21 3d`,
      told: failed(1002),
    }),
  ),
  {
    name: 'sees that a later fragment is not masked',
    clause: '§5.1',
    role: 'server',
    hex: '01 81 37 fa 21 3d 76 | 80 01 42',
    told: failed(1002),
  },
  {
    name: 'sees that a later fragment is masked',
    clause: '§5.1',
    role: 'client',
    hex: '01 01 41 | 80 81 37 fa 21 3d 75',
    told: failed(1002),
  },
  {
    name: 'sees that a ping between fragments is not masked',
    clause: '§5.1',
    role: 'server',
    hex: '01 81 37 fa 21 3d 76 | 89 00',
    told: failed(1002),
  },
]

/** §5.2 */
const reserved: readonly Vector[] = [
  ...[0x40, 0x20, 0x10, 0x70].flatMap(rsv =>
    opcodes.map(
      ([opcode, name]): Vector => ({
        name: `fails the connection upon ${name} with reserved bits ${byte(rsv)}`,
        clause: '§5.2',
        role: 'both',
        hex: opcode === 0 ? `02 00 | ${byte(0x80 | rsv)} 00` : `${byte(0x80 | rsv | opcode)} 00`,
        told: failed(1002),
      }),
    ),
  ),
  ...[0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf].flatMap((opcode): Vector[] => [
    {
      name: `fails the connection upon the reserved opcode ${byte(opcode)}`,
      clause: '§5.2',
      role: 'both',
      hex: `${byte(0x80 | opcode)} 00`,
      told: failed(1002),
    },
    {
      name: `fails the connection upon the reserved opcode ${byte(opcode)} inside a message`,
      clause: '§5.2',
      role: 'both',
      hex: `02 01 00 | ${byte(opcode)} 05 48 65 6c 6c 6f`,
      told: failed(1002),
    },
  ]),
]

const lengths: readonly Vector[] = [
  ...[
    ['0', '00', 0],
    ['125', '7d', 125],
    ['126', '7e 00 7e', 126],
    ['127', '7e 00 7f', 127],
    ['65535', '7e ff ff', 65535],
    ['65536', '7f 00*5 01 00 00', 65536],
  ].map(
    ([name, length, size]): Vector => ({
      name: `reads a payload of ${name} bytes`,
      clause: '§5.2',
      role: 'both',
      hex: `82 ${length} ${Number(size) > 0 ? `a7*${size}` : ''}`,
      told: [['binary', repeat('a7', Number(size))]],
    }),
  ),
  ...[
    ['0 in 16 bits', '7e 00 00'],
    ['125 in 16 bits', '7e 00 7d'],
    ['0 in 64 bits', '7f 00*8'],
    ['125 in 64 bits', '7f 00*7 7d'],
    ['126 in 64 bits', '7f 00*7 7e'],
    ['65535 in 64 bits', '7f 00*6 ff ff'],
    ['2^63, with the highest bit set,', '7f 80 00*7'],
    ['2^64-1, with the highest bit set,', '7f ff*8'],
    ['2^63+5, with the highest bit set,', '7f 80 00*6 05'],
  ].map(
    ([name, length]): Vector => ({
      name: `fails the connection upon a length of ${name} as soon as the header is there`,
      clause: '§5.2',
      role: 'both',
      hex: `82 ${length}`,
      told: failed(1002),
    }),
  ),
  ...[
    ['2^63-1', '7f 7f ff*7'],
    ['2^53+1', '7f 00 20 00*5 01'],
    ['2^53', '7f 00 20 00*6'],
    ['2^53-1', '7f 00 1f ff*6'],
    ['2^32', '7f 00*3 01 00*4'],
    ['2^31', '7f 00*4 80 00*3'],
    ['one more than the limit', '7f 00*5 10 00 01'],
  ].map(
    ([name, length]): Vector => ({
      name: `refuses a message of ${name} bytes as soon as the header is there`,
      clause: '§10.4',
      role: 'both',
      hex: `82 ${length}`,
      told: failed(1009),
    }),
  ),
  {
    name: 'reads a message that is exactly as long as the limit',
    clause: '§10.4',
    role: 'both',
    hex: '82 05 01 02 03 04 05',
    maxMessage: 5,
    told: [['binary', '01 02 03 04 05']],
  },
  {
    name: 'refuses the frame with which the sum of fragments passes the limit',
    clause: '§10.4',
    role: 'both',
    hex: '02 03 01 02 03 | 00 02 04 05 | 80 01',
    maxMessage: 5,
    told: failed(1009),
  },
  {
    name: 'counts the limit anew for each message, and for data only',
    clause: '§10.4',
    role: 'both',
    hex: '02 03 01 02 03 | 8a 06 01 02 03 04 05 06 | 80 02 04 05 | 82 05 06 07 08 09 0a',
    maxMessage: 5,
    told: [
      ['pong', '01 02 03 04 05 06'],
      ['binary', '01 02 03 04 05'],
      ['binary', '06 07 08 09 0a'],
    ],
  },
]

/** §5.3 */
const masking: readonly Vector[] = [
  {
    name: 'does not count the key as payload',
    clause: '§5.3',
    role: 'server',
    hex: '82 80 37 fa 21 3d',
    told: [['binary', '']],
  },
  {
    name: 'xors octet i with octet i modulo 4 of the key',
    clause: '§5.3',
    role: 'server',
    hex: '82 89 01 02 04 08 00*9',
    told: [['binary', '01 02 04 08 01 02 04 08 01']],
  },
  {
    name: 'takes a key of zeros as it takes any other',
    clause: '§5.3',
    role: 'server',
    hex: '81 85 00 00 00 00 48 65 6c 6c 6f',
    told: [['text', 'Hello']],
  },
  {
    name: 'uses the key of each frame for that frame alone',
    clause: '§5.3',
    role: 'server',
    hex: '02 83 01 02 04 08 00*3 | 80 82 ff ff ff ff 00*2',
    told: [['binary', '01 02 04 ff ff']],
  },
]

/** §5.4 */
const fragments: readonly Vector[] = [
  ...['', '80', '01 02', '00*300'].map(
    (tail): Vector => ({
      name: `fails the connection upon a continuation without a message (${tail || 'empty'})`,
      clause: '§5.4',
      role: 'both',
      hex: tail === '00*300' ? `80 7e 01 2c ${tail}` : `80 ${byte(tail.split(' ').filter(Boolean).length)} ${tail}`,
      told: failed(1002),
    }),
  ),
  {
    name: 'fails the connection upon a continuation without FIN and without a message',
    clause: '§5.4',
    role: 'both',
    hex: '00 01 41',
    told: failed(1002),
  },
  {
    name: 'fails the connection upon a continuation after a whole message',
    clause: '§5.4',
    role: 'both',
    hex: '81 01 41 | 80 01 42',
    told: [['text', 'A'], ...failed(1002)],
  },
  {
    name: 'fails the connection upon a continuation after the last fragment',
    clause: '§5.4',
    role: 'both',
    hex: '01 01 41 | 80 01 42 | 80 01 43',
    told: [['text', 'AB'], ...failed(1002)],
  },
  {
    name: 'fails the connection upon a continuation after a pong',
    clause: '§5.4',
    role: 'both',
    hex: '8a 00 | 80 01 43',
    told: [['pong', ''], ...failed(1002)],
  },
  ...['01', '02', '81', '82'].flatMap(first =>
    ['01', '02'].map(
      (begun): Vector => ({
        name: `fails the connection when ${first} begins another message inside one that ${begun} began`,
        clause: '§5.4',
        role: 'both',
        hex: `${begun} 01 41 | ${first} 01 42`,
        told: failed(1002),
      }),
    ),
  ),
  {
    name: 'joins fragments in the order in which they came',
    clause: '§5.4',
    role: 'both',
    hex: '02 02 01 02 | 00 01 03 | 00 03 04 05 06 | 80 02 07 08',
    told: [['binary', '01 02 03 04 05 06 07 08']],
  },
  {
    name: 'takes the kind of a message from its first fragment',
    clause: '§5.4',
    role: 'both',
    hex: '01 01 41 | 80 01 42 | 02 01 41 | 80 01 42',
    told: [
      ['text', 'AB'],
      ['binary', '41 42'],
    ],
  },
  {
    name: 'reads fragments of any size, also of none',
    clause: '§5.4',
    role: 'both',
    hex: '01 00 | 00 01 41 | 00 00 | 00 02 42 43 | 80 00 | 02 00 | 80 00 | 01 00 | 80 00',
    told: [
      ['text', 'ABC'],
      ['binary', ''],
      ['text', ''],
    ],
  },
  {
    name: 'reads a fragment that needs a length of 16 bits',
    clause: '§5.4',
    role: 'both',
    hex: '02 7e 00 80 01*128 | 80 7e 00 80 02*128',
    told: [['binary', `${repeat('01', 128)} ${repeat('02', 128)}`]],
  },
  {
    name: 'handles control frames in the middle of a fragmented message',
    clause: '§5.4',
    role: 'both',
    hex: '01 03 48 65 6c | 89 02 01 02 | 00 00 | 8a 01 03 | 80 02 6c 6f',
    told: [
      ['pong', '03'],
      ['text', 'Hello'],
    ],
    answer: '8a 02 01 02',
  },
  {
    name: 'handles a ping in the middle of a character',
    clause: '§5.4',
    role: 'both',
    hex: '01 02 e2 82 | 89 01 ff | 80 01 ac',
    told: [['text', '€']],
    answer: '8a 01 ff',
  },
  {
    name: 'closes when it is asked to in the middle of a fragmented message, which is never delivered',
    clause: '§5.4',
    role: 'both',
    hex: '01 03 48 65 6c | 88 02 03 e8 | 80 02 6c 6f',
    told: [['closing', 1000, ''], ['hangup']],
    answer: '88 02 03 e8',
  },
]

/** §5.4, §5.5 */
const control: readonly Vector[] = [
  ...controls.flatMap(([opcode, name]): Vector[] => [
    {
      name: `fails the connection upon ${name} that is fragmented`,
      clause: '§5.5',
      role: 'both',
      hex: `${byte(opcode)} 00 | 80 00`,
      told: failed(1002),
    },
    {
      name: `fails the connection upon ${name} that is fragmented inside a message`,
      clause: '§5.4',
      role: 'both',
      hex: `01 01 41 | ${byte(opcode)} 02 03 e8 | 80 00`,
      told: failed(1002),
    },
    {
      name: `fails the connection upon ${name} of 126 bytes`,
      clause: '§5.5',
      role: 'both',
      hex: `${byte(0x80 | opcode)} 7e 00 7e 03 e8 41*124`,
      told: failed(1002),
    },
    {
      name: `fails the connection upon ${name} whose length stands in 16 bits, as soon as two bytes are there`,
      clause: '§5.5',
      role: 'both',
      hex: `${byte(0x80 | opcode)} 7e`,
      told: failed(1002),
    },
    {
      name: `fails the connection upon ${name} whose length stands in 64 bits, as soon as two bytes are there`,
      clause: '§5.5',
      role: 'both',
      hex: `${byte(0x80 | opcode)} 7f`,
      told: failed(1002),
    },
  ]),
]

/** §5.5.2, §5.5.3 */
const pings: readonly Vector[] = [
  {
    name: 'answers a ping without data with a pong without data',
    clause: '§5.5.2',
    role: 'both',
    hex: '89 00',
    told: [],
    answer: '8a 00',
  },
  {
    name: 'answers a ping of 125 bytes with the same bytes',
    clause: '§5.5.3',
    role: 'both',
    hex: '89 7d 00*60 ff*65',
    told: [],
    answer: '8a 7d 00*60 ff*65',
  },
  {
    name: 'answers each ping in order',
    clause: '§5.5.2',
    role: 'both',
    hex: '89 01 01 | 89 01 02 | 82 00 | 89 01 03',
    told: [['binary', '']],
    answer: '8a 01 01 | 8a 01 02 | 8a 01 03',
  },
  {
    name: 'does not answer a pong that nobody asked for',
    clause: '§5.5.3',
    role: 'both',
    hex: '8a 00 | 8a 03 01 02 03',
    told: [
      ['pong', ''],
      ['pong', '01 02 03'],
    ],
  },
  {
    name: 'does not answer a ping that came behind a close frame',
    clause: '§5.5.2',
    role: 'both',
    hex: '88 00 | 89 01 01',
    told: [['closing', 1005, ''], ['hangup']],
    answer: '88 00',
  },
]

/** §5.6 */
const data: readonly Vector[] = [
  {
    name: 'reads characters of one, two, three and four bytes',
    clause: '§5.6',
    role: 'both',
    hex: '81 0a 41 c3 a4 e2 82 ac f0 9f 98 80',
    told: [['text', 'Aä€😀']],
  },
  {
    name: 'reads a character that is cut by each border of fragments',
    clause: '§5.6',
    role: 'both',
    hex: '01 01 f0 | 00 01 9f | 00 01 98 | 80 01 80',
    told: [['text', '😀']],
  },
  {
    name: 'passes any bytes on as binary',
    clause: '§5.6',
    role: 'both',
    hex: '82 06 ff fe 00 c0 80 ed | 02 01 ff | 80 01 fe',
    told: [
      ['binary', 'ff fe 00 c0 80 ed'],
      ['binary', 'ff fe'],
    ],
  },
  {
    name: 'does not hold text against the binary message after it',
    clause: '§5.6',
    role: 'both',
    hex: '01 01 41 | 80 01 42 | 02 01 ff | 80 00 | 81 01 43',
    told: [
      ['text', 'AB'],
      ['binary', 'ff'],
      ['text', 'C'],
    ],
  },
]

export const framing: readonly Vector[] = [
  ...maskBit,
  ...reserved,
  ...lengths,
  ...masking,
  ...fragments,
  ...control,
  ...pings,
  ...data,
]
