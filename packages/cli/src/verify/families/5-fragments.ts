/** Messages in fragments. RFC 6455 §5.4 */
import type { Frame } from '../case.ts'
import {
  answers,
  bin,
  binary,
  chopped,
  close,
  echoes,
  fails,
  family,
  first,
  group,
  messages,
  more,
  ping,
  pong,
  send,
  soon,
  text,
  txt,
  waits,
} from './pieces.ts'

const common = {
  clause: 'RFC 6455 §5.4',
  why: 'Who sends before it knows the length sends fragments; who reads must put them together as they came.',
}

/** Letters in so many fragments, of which some are empty. */
const pieces = (parts: readonly string[], begin: typeof text): Frame[] =>
  parts.map((part, index) => {
    const fin = index === parts.length - 1
    return index === 0 ? begin(part, { fin }) : more(part, { fin })
  })

const SPLITS: readonly (readonly string[])[] = [
  ['Hel', 'lo'],
  ['H', 'e', 'l', 'l', 'o'],
  ['', 'Hello'],
  ['Hello', ''],
  ['', '', ''],
  ['Hel', '', 'lo'],
  ['', 'Hel', '', 'lo', ''],
  Array.from({ length: 100 }, () => 'x'),
  [...Array.from({ length: 100 }, () => ''), 'end'],
  ['x'.repeat(125), 'x'.repeat(126), 'x'.repeat(127)],
  ['x'.repeat(65_535), 'x'.repeat(65_536)],
]

const shape = (parts: readonly string[]): string =>
  parts.length > 5 ? `${parts.length} fragments` : `fragments of ${parts.map(part => part.length).join(', ')} bytes`

const split = (chop?: number) =>
  group(
    common,
    SPLITS.filter(parts => chop === undefined || parts.join('').length < 1000).flatMap(parts =>
      (['text', 'binary'] as const).map(type => {
        const frames = pieces(parts, type === 'text' ? text : binary)
        return {
          title: `${type} in ${shape(parts)}${chop === undefined ? '' : ', byte by byte'}`,
          steps: [chop === undefined ? send(...frames) : chopped(chop, ...frames)],
          outcomes: echoes((type === 'text' ? txt : bin)(parts.join(''))),
        }
      }),
    ),
  )

const order = group(
  {
    clause: 'RFC 6455 §5.4',
    why: 'A continuation of nothing, and a message within a message, are faults of the sender that would mix what belongs to different messages.',
  },
  [
    { title: 'a continuation of nothing', steps: [send(more('Hello'))], outcomes: fails([1002]) },
    { title: 'an empty continuation of nothing', steps: [send(more())], outcomes: fails([1002]) },
    {
      title: 'a continuation of nothing, not final',
      steps: [send(more('Hel', first), more('lo'))],
      outcomes: fails([1002]),
    },
    {
      title: 'a continuation after a message that is whole',
      steps: [send(text('Hello')), messages(), send(more('more'))],
      outcomes: fails([1002], { messages: [txt('Hello')] }),
    },
    {
      title: 'a continuation after a message in fragments',
      steps: [send(text('Hel', first), more('lo')), messages(), send(more('more'))],
      outcomes: fails([1002], { messages: [txt('Hello')] }),
    },
    {
      title: 'a text message within a text message',
      steps: [send(text('Hel', first), text('lo'))],
      outcomes: fails([1002]),
    },
    {
      title: 'a binary message within a text message',
      steps: [send(text('Hel', first), binary('lo'))],
      outcomes: fails([1002]),
    },
    {
      title: 'a text message within a binary message',
      steps: [send(binary('Hel', first), text('lo'))],
      outcomes: fails([1002]),
    },
    {
      title: 'an empty message within a message',
      steps: [send(binary('Hel', first), binary())],
      outcomes: fails([1002]),
    },
    {
      title: 'a message that is not final within a message',
      steps: [send(text('Hel', first), text('lo', first), more('!'))],
      outcomes: fails([1002]),
    },
    {
      title: 'a message within a message, byte by byte',
      steps: [chopped(1, text('Hel', first), text('lo'))],
      outcomes: fails([1002]),
    },
    {
      title: 'a continuation of nothing, byte by byte',
      steps: [chopped(1, more('Hello'))],
      outcomes: fails([1002]),
    },
  ],
)

const between = group(
  { clause: 'RFC 6455 §5.4, §5.5', why: 'Control frames come between fragments, and belong to no message.' },
  [
    {
      title: 'a Ping between each of five fragments',
      steps: [send(...pieces(['a', 'b', 'c', 'd', 'e'], text).flatMap((frame, index) => [ping(`${index}`), frame]))],
      outcomes: answers({ messages: [txt('abcde')], pongs: ['0', '1', '2', '3', '4'] }),
    },
    {
      title: 'a Pong between each of five fragments',
      steps: [send(...pieces(['a', 'b', 'c', 'd', 'e'], binary).flatMap(frame => [pong('x'), frame]))],
      outcomes: echoes(bin('abcde')),
    },
    {
      title: 'a Ping between, and a second message behind, in one write',
      steps: [send(text('Hel', first), ping('p'), more('lo'), binary('again'))],
      outcomes: answers({ messages: [txt('Hello'), bin('again')], pongs: ['p'] }),
    },
    {
      title: 'a Close frame between two fragments: the message is never whole',
      steps: [send(text('Hel', first), close(1000))],
      outcomes: answers({}),
    },
    {
      title: 'a Close frame between two fragments, and the second behind it',
      steps: [send(text('Hel', first), close(1000), more('lo'))],
      outcomes: answers({}),
    },
  ],
)

const slow = group(
  {
    clause: 'RFC 6455 §5.4',
    why: 'Nothing is said of how long fragments may take, but what is wrong already need not wait for the rest.',
  },
  [
    {
      title: 'a second fragment that comes later',
      steps: [send(text('Hel', first)), { do: 'pause', milliseconds: 200 }, send(more('lo'))],
      outcomes: echoes(txt('Hello')),
    },
    {
      title: 'a first fragment alone is no message, and the line can be closed',
      steps: [send(text('Hel', first)), { do: 'pause', milliseconds: 100 }],
      outcomes: echoes(),
    },
    {
      title: 'a message within a message is noticed before the rest of it comes',
      steps: [send(text('Hel', first)), send(text('lo', { declares: 100n })), soon, send(text('never'))],
      outcomes: [...fails([1002], {}, true), waits('it waits for the end of the frame')],
    },
  ],
)

export const fragments = family(5, 'Fragments', [split(), split(1), order, between, slow])
