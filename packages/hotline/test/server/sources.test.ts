// What is kept of a publication is what it is counted with.
import { expect, test } from 'vitest'
import { seal, sourceOf } from '../../src/server/sources.ts'
import { Publication } from '../../src/topics/publication.ts'

test('what was published is let go once it is written: objects take far more than the JSON that they are counted by', () => {
  const publication = new Publication('a', [{}, {}], { sequence: 1 })
  seal(publication)
  expect(publication.data).toBeUndefined()
  expect(sourceOf(publication)).toEqual({ text: '[{},{}]', json: true })
})

test('bytes are a copy, which pins neither the message that they came in nor its buffer', () => {
  const message = new Uint8Array(65_536)
  const publication = new Publication('a', message.subarray(0, 2), { sequence: 1 })
  seal(publication)
  expect(publication.data).toBeUndefined()
  expect(sourceOf(publication).bytes?.buffer.byteLength).toBe(2)
})
