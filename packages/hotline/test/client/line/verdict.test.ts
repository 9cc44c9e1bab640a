import { describe, expect, test } from 'vitest'
import { CloseEvent } from '../../../src/client/events.ts'
import { explain, readRetryAfter } from '../../../src/client/explain.ts'
import type { LineEnd } from '../../../src/client/line/state.ts'
import { judge } from '../../../src/client/line/verdict.ts'
import { HandshakeError, TimeoutError, UsageError } from '../../../src/errors.ts'

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

  test('on a refusal by status is no', () => {
    expect(judge(end({ status: 403, refused: true, opened: false }))).toBe(false)
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
    expect(judge(end({ code: 4401 }), () => Number('soon'))).toBe(0)
    expect(judge(end({ code: 1006 }), () => false)).toBe(false)
    expect(judge(end({ code: 1006 }), () => undefined)).toBe(0)
    expect(judge(end({ code: 1008 }), () => undefined)).toBe(false)
  })
})

describe('the end of an attempt in Node', () => {
  const of = (status: number, headers = {}): Partial<LineEnd> =>
    explain(new CloseEvent('close', { error: new HandshakeError('refused', { status, headers }) }))

  test.each([101, 400, 401, 403, 404, 410, 426, 499])('by an answer of %i is a refusal', status => {
    expect(of(status)).toMatchObject({ status, refused: true })
  })

  test.each([200, 302, 408, 425, 429, 500, 502, 503, 504])('by an answer of %i is none', status => {
    expect(of(status)).toMatchObject({ status, refused: false })
  })

  test('has the error and the Retry-After, and of other events nothing', () => {
    expect(of(503, { 'retry-after': '7' })).toMatchObject({ retryAfter: 7_000, error: { code: 'ERR_HANDSHAKE' } })
    expect(explain({ code: 1006 })).toEqual({})
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
