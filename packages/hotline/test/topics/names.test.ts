// The names of topics and the patterns over them, as docs/guide/topics.md has them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { checkPattern, checkTopic, fits, isPattern, isTopic, PatternTree } from '../../src/topics/names.ts'

const names: [name: unknown, topic: boolean, pattern: boolean][] = [
  ['chat', true, true],
  ['chat/1', true, true],
  ['chat//1', true, true],
  ['/', true, true],
  ['Straße 😀', true, true],
  ['a*', true, true],
  ['x'.repeat(256), true, true],
  ['é'.repeat(128), true, true],
  ['*', false, true],
  ['**', false, true],
  ['chat/*', false, true],
  ['*/1', false, true],
  ['chat/**', false, true],
  ['chat/**/1', false, false],
  ['**/**', false, false],
  ['', false, false],
  ['x'.repeat(257), false, false],
  ['x'.repeat(65_536), false, false],
  ['é'.repeat(129), false, false],
  ['😀'.repeat(65), false, false],
  ['a\nb', false, false],
  ['\0', false, false],
  ['\x7f', false, false],
  ['\ud800', false, false],
  ['a\udc00', false, false],
  [undefined, false, false],
  [7, false, false],
  [['chat'], false, false],
]

test.each(names)('%j is a topic: %s, a pattern: %s', (name, topic, pattern) => {
  expect([isTopic(name), isPattern(name)]).toEqual([topic, pattern])
  if (topic) checkTopic(name)
  else expect(() => checkTopic(name)).toThrow(UsageError)
  if (pattern) checkPattern(name)
  else expect(() => checkPattern(name)).toThrow(UsageError)
})

const fitting: [topic: string, pattern: string, fits: boolean][] = [
  ['chat', 'chat', true],
  ['chat', 'Chat', false],
  ['chat/1', 'chat/*', true],
  ['chat/1/2', 'chat/*', false],
  ['chat', 'chat/*', false],
  ['chat/', 'chat/*', true],
  ['chat/1', '*/1', true],
  ['chat/1', '*/*', true],
  ['chat/1', '*', false],
  ['chat', '*', true],
  ['chat', '**', true],
  ['chat/1/2', '**', true],
  ['chat/1/2', 'chat/**', true],
  ['chat', 'chat/**', false],
  ['chat/1/2', '*/1/**', true],
  ['chat/1', '*/1/**', false],
]

describe('patterns', () => {
  test.each(fitting)('%s fits %s: %s', (topic, pattern, expected) => {
    expect(fits(topic, pattern)).toBe(expected)
    const tree = new PatternTree<string>()
    tree.set(pattern, pattern)
    expect(tree.find(topic)).toEqual(expected ? [pattern] : [])
  })

  test('a tree finds what a list finds, and is empty when all has been taken out of it', () => {
    const segment = fc.constantFrom('a', 'b', '', '*')
    const pattern = fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([segments, open]) => [...segments, ...(open ? ['**'] : [])].join('/'))
    const topic = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 5 }).map(all => all.join('/'))
    fc.assert(
      fc.property(
        fc.uniqueArray(pattern, { maxLength: 20 }),
        fc.array(topic, { maxLength: 10 }),
        (patterns, topics) => {
          const tree = new PatternTree<string>()
          for (const one of patterns) tree.set(one, one)
          for (const one of patterns) expect(tree.get(one)).toBe(one)
          for (const one of topics) {
            expect(tree.find(one).sort()).toEqual(patterns.filter(other => fits(one, other)).sort())
          }
          for (const [at, one] of patterns.entries()) {
            expect(tree.isEmpty).toBe(false)
            tree.delete(one)
            expect(tree.find(topics[0] ?? 'a').sort()).toEqual(
              patterns
                .slice(at + 1)
                .filter(other => fits(topics[0] ?? 'a', other))
                .sort(),
            )
          }
          expect(tree.isEmpty).toBe(true)
        },
      ),
      { seed: 5, numRuns: 500 },
    )
  })
})
