// Random sequences of operations beside a model: what each subscriber is told, by its policy and of the history.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { presence } from '../../../../fuzz/targets/presence.ts'
import { topics } from '../../../../fuzz/targets/topics.ts'

/** Where most operations are of a few kinds, what they make of each other goes deeper. */
const operations = fc.oneof(
  fc.uint8Array({ minLength: 50, maxLength: 600 }),
  fc
    .uniqueArray(fc.nat(255), { minLength: 4, maxLength: 12 })
    .chain(some => fc.array(fc.constantFrom(...some), { minLength: 100, maxLength: 600 }))
    .map(bytes => Uint8Array.from(bytes)),
)

test('whoever comes and goes, a watcher knows who is there when it is quiet, and nothing is left at the end', () => {
  expect(() =>
    fc.assert(
      fc.property(operations, input => void presence.run(input, () => {})),
      { seed: 5, numRuns: 1000 },
    ),
  ).not.toThrow()
})

test('whatever is done, what is not sent is told, in one order and once, and nothing is left at the end', () => {
  expect(() =>
    fc.assert(
      fc.property(operations, input => void topics.run(input, () => {})),
      { seed: 5, numRuns: 3000 },
    ),
  ).not.toThrow()
})
