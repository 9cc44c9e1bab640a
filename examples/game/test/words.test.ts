/** What a player is told of the line. */
import type { LineState } from 'hotline/client'
import { expect, test } from 'vitest'
import { cut, lengthOf, tidy } from '../names.ts'
import { saying } from '../page/words.ts'

type End = Extract<LineState, { status: 'closed' }>['end']
const end = (code: number, reason: string, by: End['by'] = 'peer'): End => ({ code, reason, by, opened: true })

test.each<readonly [state: LineState, text: string | undefined]>([
  [{ status: 'connecting', attempt: 1 }, undefined],
  [{ status: 'open', protocol: '' }, undefined],
  [
    { status: 'waiting', attempt: 1, delay: 500, end: end(1013, 'the arena is full: 100 play') },
    'The arena is full: 100 play. You are in as soon as somebody leaves: trying again …',
  ],
  [
    { status: 'waiting', attempt: 1, delay: 500, end: end(1006, '') },
    'The server is away. The line comes back by itself as soon as it can: trying again …',
  ],
  [
    { status: 'closed', end: end(1008, 'say hello first') },
    'The server ended it (1008): say hello first. You can play again.',
  ],
  [{ status: 'closed', end: end(1009, '') }, 'The server ended it (1009): it did not say why. You can play again.'],
  [{ status: 'closed', end: end(1000, '', 'caller') }, undefined],
])('of %j: %s', (state, text) => expect(saying(state)).toBe(text))

test.each([
  ['  Ada   Lovelace ', 'Ada Lovelace'],
  ['a\u0000b\u202ec\u200bd\ue000', 'abcd'],
  ['e\u0301', 'é'],
  ['line\nbreak', 'linebreak'],
  ['🐎'.repeat(30), '🐎'.repeat(20)],
  ['<b>bold</b>', '<b>bold</b>'],
])('the name %j is shown as %j', (name, shown) => expect(cut(tidy(name))).toBe(shown))

test('a horse is one character', () => expect(lengthOf('🐎🐎')).toBe(2))
