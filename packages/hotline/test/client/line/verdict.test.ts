import { describe, expect, test } from 'vitest'
import type { LineEnd } from '../../../src/client/line/state.ts'
import { judge, readRetryAfter } from '../../../src/client/line/verdict.ts'
import { TimeoutError, UsageError } from '../../../src/errors.ts'

const end = (fields: Partial<LineEnd>): LineEnd => ({ by: 'peer', code: 1006, reason: '', opened: true, ...fields })

describe('the verdict', () => {
  // RFC 6455 §7.4.1, the IANA registry, and the codes of docs/protocol.md
  test.each([1000, 1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403, 4499])('on %i is no', code => {
    expect(judge(end({ code }))).toBe(false)
  })

  test.each([1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 3000, 4000, 4399, 4500, 4999])(
    'on %i is another attempt',
    code => {
      expect(judge(end({ code }))).toBe(0)
    },
  )

  test.each([101, 400, 401, 403, 404, 410, 426, 499])('on an answer of %i is no', status => {
    expect(judge(end({ status, opened: false }))).toBe(false)
  })

  test.each([200, 302, 408, 425, 429, 500, 502, 503, 504])('on an answer of %i is another attempt', status => {
    expect(judge(end({ status, opened: false }))).toBe(0)
  })

  test('on a call that is wrong is no, and on whatever else went wrong another attempt', () => {
    expect(judge(end({ error: new UsageError('not a URL', 'url') }))).toBe(false)
    expect(judge(end({ error: new TimeoutError('late', { option: 'attemptTimeout', value: 1 }) }))).toBe(0)
    expect(judge(end({ error: new Error('no token') }))).toBe(0)
  })

  test('obeys the server about when', () => {
    expect(judge(end({ code: 1012, retryAfter: 7_000 }))).toBe(7_000)
    expect(judge(end({ code: 1008, retryAfter: 7_000 }))).toBe(false)
  })

  test('is the caller’s, where the caller has one', () => {
    expect(judge(end({ code: 4401 }), () => true)).toBe(0)
    expect(judge(end({ code: 4401, retryAfter: 5 }), () => true)).toBe(5)
    expect(judge(end({ code: 4401 }), () => 100)).toBe(100)
    expect(judge(end({ code: 1006 }), () => false)).toBe(false)
    expect(judge(end({ code: 1006 }), () => undefined)).toBe(0)
    expect(judge(end({ code: 1008 }), () => undefined)).toBe(false)
  })
})

describe('Retry-After', () => {
  // RFC 9110 §10.2.3: its own examples, and what is neither.
  const now = Date.parse('Fri, 31 Dec 1999 23:59:00 GMT')
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Fri, 31 Dec 1999 23:59:59 GMT', 59_000],
    ['Fri, 31 Dec 1999 23:58:00 GMT', undefined],
    ['soon', undefined],
    ['-5', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (value, ms) => {
    expect(readRetryAfter(value, now)).toBe(ms)
  })
})
