/** RFC 6455 §5.1 to §5.6: what an endpoint must send. */
import type { Sending } from './vector.ts'

export const sending: readonly Sending[] = [
  {
    name: 'masks each frame that it sends',
    clause: '§5.1',
    role: 'client',
    commands: [
      ['text', 'A'],
      ['binary', '01'],
      ['ping', '02'],
      ['read', '89 01 03'],
      ['close', 1000],
    ],
    hex: [
      '81 81 37 fa 21 3d 76',
      '82 81 37 fa 21 3d 36',
      '89 81 37 fa 21 3d 35',
      '8a 81 37 fa 21 3d 34',
      '88 82 37 fa 21 3d 34 12',
    ].join(' | '),
  },
  {
    name: 'masks no frame that it sends',
    clause: '§5.1',
    role: 'server',
    commands: [
      ['text', 'A'],
      ['binary', '01'],
      ['ping', '02'],
      ['read', '89 01 03'],
      ['close', 1000],
    ],
    hex: '81 01 41 | 82 01 01 | 89 01 02 | 8a 01 03 | 88 02 03 e8',
  },
  {
    name: 'masks frames without payload too',
    clause: '§5.3',
    role: 'client',
    commands: [['text', ''], ['binary', ''], ['ping', ''], ['close']],
    hex: '81 80 37 fa 21 3d | 82 80 37 fa 21 3d | 89 80 37 fa 21 3d | 88 80 37 fa 21 3d',
  },
  ...[
    [0, '00', ''],
    [1, '01', 'a7'],
    [125, '7d', 'a7*125'],
    [126, '7e 00 7e', 'a7*126'],
    [127, '7e 00 7f', 'a7*127'],
    [65535, '7e ff ff', 'a7*65535'],
    [65536, '7f 00*5 01 00 00', 'a7*65536'],
  ].map(
    ([size, length, bytes]): Sending => ({
      name: `says the length ${size} in as few bytes as it can, for binary`,
      clause: '§5.2',
      role: 'both',
      commands: [['binary', `${bytes}`]],
      hex: `82 ${length} ${bytes}`,
    }),
  ),
  ...[
    [41, '29'],
    [42, '2a'],
    [125, '7d'],
    [126, '7e 00 7e'],
    [65535, '7e ff ff'],
    [65536, '7f 00*5 01 00 00'],
  ].map(
    ([size, length]): Sending => ({
      name: `says the length ${size} in as few bytes as it can, for text`,
      clause: '§5.2',
      role: 'both',
      commands: [['text', 'a'.repeat(Number(size))]],
      hex: `81 ${length} 61*${size}`,
    }),
  ),
  ...[
    [41, '7b'],
    [42, '7e 00 7e'],
  ].map(
    ([units, length]): Sending => ({
      name: `counts bytes, not characters: ${units} of three bytes`,
      clause: '§5.2',
      role: 'both',
      commands: [['text', '€'.repeat(Number(units))]],
      hex: `81 ${length} ${'e2 82 ac '.repeat(Number(units))}`,
    }),
  ),
  {
    name: 'marks the first, the middle and the last fragment',
    clause: '§5.4',
    role: 'both',
    commands: [
      ['text', 'A', false],
      ['more', 'B', false],
      ['ping', ''],
      ['more', '', false],
      ['more', 'C'],
    ],
    hex: '01 01 41 | 00 01 42 | 89 00 | 00 00 | 80 01 43',
  },
  {
    name: 'sends text as UTF-8, an unpaired surrogate as U+FFFD',
    clause: '§5.6',
    role: 'both',
    commands: [
      ['text', 'ä€😀'],
      ['text', '\ud83d'],
      ['text', '\ude00a\ud83d'],
    ],
    hex: '81 09 c3 a4 e2 82 ac f0 9f 98 80 | 81 03 ef bf bd | 81 07 ef bf bd 61 ef bf bd',
  },
]
