/** RFC 6455 §5.7: the standard's own examples, byte for byte. */
import type { Sending, Vector } from './vector.ts'

const clause = '§5.7'
const hello = '48 65 6c 6c 6f'
const zeros = (count: number): string => Array(count).fill('00').join(' ')

export const examples: readonly Vector[] = [
  {
    name: 'a single-frame unmasked text message',
    clause,
    role: 'client',
    hex: '81 05 48 65 6c 6c 6f',
    told: [['text', 'Hello']],
  },
  {
    name: 'a single-frame masked text message',
    clause,
    role: 'server',
    hex: '81 85 37 fa 21 3d 7f 9f 4d 51 58',
    told: [['text', 'Hello']],
  },
  {
    name: 'a fragmented unmasked text message',
    clause,
    role: 'client',
    hex: '01 03 48 65 6c | 80 02 6c 6f',
    told: [['text', 'Hello']],
  },
  {
    name: 'an unmasked ping request, which is answered',
    clause,
    role: 'client',
    hex: '89 05 48 65 6c 6c 6f',
    told: [],
    answer: '8a 05 48 65 6c 6c 6f',
  },
  {
    name: 'a masked ping response',
    clause,
    role: 'server',
    hex: '8a 85 37 fa 21 3d 7f 9f 4d 51 58',
    told: [['pong', hello]],
  },
  {
    name: '256 bytes of binary message in a single unmasked frame',
    clause,
    role: 'client',
    hex: '82 7e 01 00 00*256',
    told: [['binary', zeros(256)]],
  },
  {
    name: '64 KiB of binary message in a single unmasked frame',
    clause,
    role: 'client',
    hex: '82 7f 00 00 00 00 00 01 00 00 00*65536',
    told: [['binary', zeros(65536)]],
  },
]

export const exampleSendings: readonly Sending[] = [
  {
    name: 'a single-frame unmasked text message',
    clause,
    role: 'server',
    commands: [['text', 'Hello']],
    hex: '81 05 48 65 6c 6c 6f',
  },
  {
    name: 'a single-frame masked text message',
    clause,
    role: 'client',
    commands: [['text', 'Hello']],
    hex: '81 85 37 fa 21 3d 7f 9f 4d 51 58',
  },
  {
    name: 'a fragmented unmasked text message',
    clause,
    role: 'server',
    commands: [
      ['text', 'Hel', false],
      ['more', 'lo'],
    ],
    hex: '01 03 48 65 6c | 80 02 6c 6f',
  },
  {
    name: 'an unmasked ping request',
    clause,
    role: 'server',
    commands: [['ping', hello]],
    hex: '89 05 48 65 6c 6c 6f',
  },
  {
    name: 'a masked ping response',
    clause,
    role: 'client',
    commands: [['read', '89 05 48 65 6c 6c 6f']],
    hex: '8a 85 37 fa 21 3d 7f 9f 4d 51 58',
  },
  {
    name: '256 bytes of binary message in a single unmasked frame',
    clause,
    role: 'server',
    commands: [['binary', '00*256']],
    hex: '82 7e 01 00 00*256',
  },
  {
    name: '64 KiB of binary message in a single unmasked frame',
    clause,
    role: 'server',
    commands: [['binary', '00*65536']],
    hex: '82 7f 00 00 00 00 00 01 00 00 00*65536',
  },
]
