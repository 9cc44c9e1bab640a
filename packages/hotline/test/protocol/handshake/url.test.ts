import { expect, test } from 'vitest'
import { readUrl } from '../../../src/protocol/handshake/url.ts'

/** Calls after which V8 has optimized the caller, several times over. */
const CALLS = 20_000

test.each([
  ['ws://m\u00fcnchen.example/', 'ws://xn--mnchen-3ya.example/'],
  ['http://\u00c3\u0091', undefined],
  ['http://', undefined],
])('%j is read the same the first time and after twenty thousand times', (text, href) => {
  for (let i = 0; i < CALLS; i++) if (readUrl(text)?.href !== href) expect.fail(`call ${i}`)
})
