/** Names and frames for NATS, without a server. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode } from '../../src/backplane/nats/frame.ts'
import { filterOf, keyOf, lifeOf, nodeOf, streamOf, subjectOf, topicOf } from '../../src/backplane/nats/names.ts'
import { fits, isPattern, isTopic } from '../../src/topics/names.ts'

const topics = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).filter(isTopic)
const segments = fc.constantFrom('a', 'b', 'A', '', ' ', '.', '>', '=', '*a', '%', 'é')
const short = fc.array(segments, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'))
const seed = { seed: 7, numRuns: 2000 }

/** What NATS does with a filter. */
function matches(subject: string, filter: string): boolean {
  const [tokens, wanted] = [subject.split('.'), filter.split('.')]
  const open = wanted.at(-1) === '>'
  if (open ? tokens.length < wanted.length : tokens.length !== wanted.length) return false
  return wanted.every((one, at) => one === '*' || one === '>' || one === tokens[at])
}

test('a subject has no token that means something to NATS, and the topic is in it', () => {
  fc.assert(
    fc.property(topics, topic => {
      const subject = subjectOf('hotline', 'life', topic)
      expect(subject).toMatch(/^hotline\.life(\.[\w=-]+)+$/)
      expect([lifeOf('hotline', subject), topicOf('hotline', subject)]).toEqual(['life', topic])
    }),
    seed,
  )
})

test('a pattern matches the subjects of the topics that fit it, and of no others', () => {
  const patterns = fc
    .array(fc.oneof(segments, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 4 })
    .map(parts => parts.join('/'))
    .filter(isPattern)
  fc.assert(
    fc.property(short.filter(isTopic), patterns, (topic, pattern) => {
      expect(matches(subjectOf('hotline', 'life', topic), filterOf('hotline', pattern))).toBe(fits(topic, pattern))
    }),
    seed,
  )
})

test('a stream has a name that is a folder everywhere, and each topic its own', async () => {
  const names = new Map<string, string>()
  for (const topic of [
    'a',
    'A',
    'a/b',
    'a=2fb',
    'ß',
    'x'.repeat(256),
    `${'x'.repeat(255)}y`,
    '😀'.repeat(64),
    ' ',
    '.',
  ]) {
    const name = await streamOf('hotline', topic)
    expect(name).toMatch(/^hotline_[ts]_[a-z0-9=-]{1,150}$/)
    expect(names.get(name)).toBe(undefined)
    names.set(name, topic)
  }
})

test('a key has the node behind the topic, whatever is in both', () => {
  fc.assert(
    fc.property(topics, topics, (topic, node) => {
      expect(keyOf(topic, node)).toMatch(/^[\w=-]+(\.[\w=-]+)+$/)
      expect(nodeOf(keyOf(topic, node))).toBe(node)
    }),
    seed,
  )
})

test('a frame gives back what it was made of, and refuses what is too short', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.maxSafeNat(), fc.uint8Array(), (node, sequence, body) => {
      const bytes = encode({ node, sequence, body })
      expect(decode(bytes)).toEqual({ node, sequence, body })
      expect(decode(bytes.subarray(0, bytes.length - body.length - 1))).toBe(undefined)
    }),
    { ...seed, numRuns: 500 },
  )
})
