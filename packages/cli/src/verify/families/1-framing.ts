/** Frames of every length and type, the ways of writing a length, and masks. RFC 6455 §5.1, §5.2, §5.3 */
import type { Frame, Outcome, Role } from '../case.ts'
import {
  answers,
  bin,
  binary,
  chopped,
  close,
  echoes,
  fails,
  failsClose,
  family,
  first,
  group,
  messages,
  more,
  ping,
  pong,
  send,
  text,
  txt,
  waits,
} from './pieces.ts'

const LENGTHS = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 4096, 65_535, 65_536, 65_537]
const fill = (size: number) => ({ fill: '*', size })
const bytes = (count: number): string => `${count} byte${count === 1 ? '' : 's'}`

const lengths = (type: 'text' | 'binary') =>
  group(
    {
      clause: 'RFC 6455 §5.2',
      why: 'A length has three forms; the places where one gives way to the next are where readers go wrong.',
    },
    LENGTHS.map(size => ({
      title: `a ${type} message of ${bytes(size)}`,
      steps: [send(type === 'text' ? text(fill(size)) : binary(fill(size)))],
      outcomes: echoes(type === 'text' ? txt(fill(size)) : bin(fill(size))),
    })),
  )

const everyByte = group(
  {
    clause: 'RFC 6455 §5.6',
    why: 'Bytes are opaque: no value of them, in no place, is anything else than data.',
  },
  [
    ['every byte once', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ['zeros', Buffer.alloc(1000)],
    ['0xff', Buffer.alloc(1000, 0xff)],
    ['bytes that look like frames', Buffer.from('810548656c6c6f8900880203e8'.repeat(20), 'hex')],
    ['bytes that look like a request', Buffer.from('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n')],
  ].map(([what, payload]) => ({
    title: `a binary message of ${what}`,
    steps: [send(binary(payload as Buffer))],
    outcomes: echoes(bin(payload as Buffer)),
  })),
)

const chops = group(
  {
    clause: 'RFC 6455 §5.2',
    why: 'TCP has no frames: a header or a payload can come in any pieces, and a reader that expects whole ones breaks behind slow lines.',
  },
  [
    ...[0, 5, 125, 126, 127, 300].map(size => [size, 1] as const),
    ...[
      [5, 2],
      [126, 2],
      [126, 3],
      [300, 7],
      [65_535, 997],
      [65_536, 997],
      [65_536, 1460],
      [70_000, 65_536],
    ].map(([size = 0, chop = 0]) => [size, chop] as const),
  ].map(([size, chop]) => ({
    title: `a text message of ${bytes(size)}, in writes of ${bytes(chop)}`,
    steps: [chopped(chop, text(fill(size)))],
    outcomes: echoes(txt(fill(size))),
  })),
)

const together = group(
  {
    clause: 'RFC 6455 §5.2',
    why: 'What comes in one read can be many frames; one that is left lying there is an answer that never comes.',
  },
  [
    {
      title: 'two messages in one write',
      steps: [send(text('one'), text('two'))],
      outcomes: echoes(txt('one'), txt('two')),
    },
    {
      title: 'text and binary by turns in one write',
      steps: [send(text('one'), binary('two'), text('three'), binary('four'))],
      outcomes: echoes(txt('one'), bin('two'), txt('three'), bin('four')),
    },
    {
      title: 'a hundred messages in one write',
      steps: [send(...Array.from({ length: 100 }, () => text('again')))],
      outcomes: echoes(txt('again', 100)),
    },
    {
      title: 'a hundred empty messages in one write',
      steps: [send(...Array.from({ length: 100 }, () => binary()))],
      outcomes: echoes(bin('', 100)),
    },
    {
      title: 'three messages in writes of three bytes',
      steps: [chopped(3, text('first'), binary('second'), text('third'))],
      outcomes: echoes(txt('first'), bin('second'), txt('third')),
    },
    {
      title: 'one message, and another when its answer has come',
      steps: [send(text('question')), messages(1), send(text('and another'))],
      outcomes: echoes(txt('question'), txt('and another')),
    },
  ],
)

const accepts = (outcome: Outcome | undefined, note: string): Outcome[] =>
  outcome === undefined ? [] : [{ ...outcome, verdict: 'lenient', note }]

const FORMS: readonly (readonly [16 | 64, number])[] = [
  [16, 0],
  [16, 1],
  [16, 125],
  [64, 0],
  [64, 1],
  [64, 125],
  [64, 126],
  [64, 65_535],
]

const forms = group(
  {
    clause: 'RFC 6455 §5.2',
    why: 'The fewest bytes MUST be used for a length: what has two spellings is read differently by two readers.',
  },
  (['text', 'binary'] as const).flatMap(type =>
    FORMS.map(([form, size]) => ({
      title: `a ${type} message of ${bytes(size)} with its length in ${form} bits`,
      steps: [send((type === 'text' ? text : binary)(fill(size), { form }))],
      outcomes: [
        ...fails([1002]),
        ...accepts(
          echoes((type === 'text' ? txt : bin)(fill(size)))[0],
          '§5.2: it takes a length that is not in the fewest bytes',
        ),
      ],
    })),
  ),
)

const huge = [
  ...group(
    {
      clause: 'RFC 6455 §5.2',
      why: 'The most significant bit of a 64-bit length MUST be 0; whoever reads it as a sign counts backwards.',
    },
    [2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n].map(declares => ({
      title: `a frame that declares ${declares} bytes`,
      steps: [send(binary('Hello', { form: 64, declares }))],
      outcomes: fails([1002, 1009]),
    })),
  ),
  ...group(
    {
      clause: 'RFC 6455 §10.4',
      why: 'A length that no machine can hold should be refused when it is declared, not when memory is gone.',
    },
    [2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n].map(declares => ({
      title: `a frame that declares ${declares} bytes`,
      steps: [send(binary('Hello', { form: 64, declares }))],
      outcomes: [...fails([1009, 1002]), waits('§10.4: it waits for bytes that it cannot hold')],
    })),
  ),
]

const WRONG: readonly (readonly [string, ...Frame[]])[] = [
  ['a text message', text('Hello', { mask: 'wrong' })],
  ['a binary message', binary('Hello', { mask: 'wrong' })],
  ['an empty message', text('', { mask: 'wrong' })],
  ['a Ping', ping('Hello', { mask: 'wrong' })],
  ['an empty Ping', ping('', { mask: 'wrong' })],
  ['a Close frame', { ...close(1000), mask: 'wrong' }],
  ['the second fragment of a message', text('Hel', first), more('lo', { mask: 'wrong' })],
  ['a message of 300 bytes', binary(fill(300), { mask: 'wrong' })],
  ['a message of 65536 bytes', binary(fill(65_536), { mask: 'wrong' })],
]

const masks = (role: Role) =>
  group(
    {
      roles: [role],
      clause: 'RFC 6455 §5.1',
      why:
        role === 'server'
          ? 'Masks keep a page from writing what it likes to a proxy. A server MUST close the connection on a frame without one.'
          : 'A client MUST close the connection on a frame that is masked: what sends it is no server.',
    },
    WRONG.map(([what, ...frames]) => ({
      title: `${what} that is ${role === 'server' ? 'not masked' : 'masked'}`,
      steps: [send(...frames)],
      outcomes: frames.some(({ opcode }) => opcode === 8) ? failsClose([1002]) : fails([1002]),
    })),
  )

const zeros = group(
  { roles: ['server'], clause: 'RFC 6455 §5.3', why: 'A key of zeros is a key like any other; some take it for none.' },
  [
    { title: 'text', steps: [send(text('Hello', { mask: 'zero' }))], outcomes: echoes(txt('Hello')) },
    { title: 'bytes', steps: [send(binary(fill(70_000), { mask: 'zero' }))], outcomes: echoes(bin(fill(70_000))) },
    {
      title: 'one fragment with zeros and one without',
      steps: [send(text('Hel', { fin: false, mask: 'zero' }), more('lo'))],
      outcomes: echoes(txt('Hello')),
    },
  ].map(draft => ({ ...draft, title: `a mask of zeros: ${draft.title}` })),
)

const CONTROL: readonly (readonly [string, Frame])[] = [
  ['a Ping with its length in 16 bits', ping('Hello', { form: 16 })],
  ['a Ping with its length in 64 bits', ping('Hello', { form: 64 })],
  ['an empty Ping with its length in 16 bits', ping('', { form: 16 })],
  ['a Pong with its length in 16 bits', pong('Hello', { form: 16 })],
  ['a Pong with its length in 64 bits', pong('Hello', { form: 64 })],
  ['a Close frame with its length in 16 bits', { ...close(1000), form: 16 }],
  ['a Close frame with its length in 64 bits', { ...close(1000), form: 64 }],
]

const NOT_LEAST = '§5.2: it takes a length that is not in the fewest bytes'

const controlForms = group(
  { clause: 'RFC 6455 §5.2, §5.5', why: 'A control frame has 125 bytes at most, and so its length has seven bits.' },
  CONTROL.map(([title, frame]) => ({
    title,
    steps: [send(frame)],
    outcomes:
      frame.opcode === 8
        ? [
            ...failsClose([1002]),
            ...accepts({ verdict: 'lenient', end: { how: 'closed', by: 'suite', codes: [1000] } }, NOT_LEAST),
          ]
        : [
            ...fails([1002]),
            ...accepts(answers({ pongs: frame.opcode === 9 ? [frame.payload ?? ''] : [] })[0], NOT_LEAST),
          ],
  })),
)

export const framing = family(1, 'Frames: lengths, types and masks', [
  lengths('text'),
  lengths('binary'),
  everyByte,
  chops,
  together,
  forms,
  huge,
  masks('server'),
  masks('client'),
  zeros,
  controlForms,
])
