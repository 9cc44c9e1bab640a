import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { Refusal, refuse } from '../../src/server/refuse.ts'
import { requestUrl } from '../../src/server/request.ts'

describe('the URL of a request', () => {
  test.each([
    ['/chat?x=1', 'example.com', false, 'ws://example.com/chat?x=1'],
    ['/chat', 'example.com:8080', true, 'wss://example.com:8080/chat'],
    ['/chat', '[::1]:8080', false, 'ws://[::1]:8080/chat'],
    ['//evil.com/chat', 'example.com', false, 'ws://example.com//evil.com/chat'],
    ['/../../etc', 'example.com', false, 'ws://example.com/etc'],
    ['/\\evil.com', 'example.com', false, 'ws://example.com//evil.com'],
    // The absolute form. RFC 9112 §3.2.2
    ['http://example.com/chat', 'example.com', false, 'ws://example.com/chat'],
    ['HTTPS://example.com/chat', 'example.com', true, 'wss://example.com/chat'],
    ['ws://example.com/chat', 'example.com', false, 'ws://example.com/chat'],
  ])('%s at %s is read', (target, host, encrypted, url) => expect(requestUrl(target, host, encrypted)?.href).toBe(url))

  test.each([
    ['/chat', ''],
    ['/chat', 'exa mple.com'],
    ['/chat', 'example.com/evil'],
    ['/chat', 'example.com?x'],
    ['/chat', 'example.com#x'],
    ['/chat', 'user@example.com'],
    ['/chat', 'example.com\\evil'],
    ['/chat', 'example.com:99999'],
    ['/chat', 'exam\u0000ple.com'],
    ['/chat', '[::1'],
    ['/chat#fragment', 'example.com'],
    ['http://example.com/chat#', 'example.com'],
    ['*', 'example.com'],
    ['example.com:443', 'example.com'],
    ['', 'example.com'],
    ['ftp://example.com/', 'example.com'],
    ['javascript:alert(1)', 'example.com'],
    ['http://', 'example.com'],
  ])('%j at %j is none', (target, host) => expect(requestUrl(target, host, false)).toBeUndefined())
})

describe('refuse()', () => {
  test('makes a refusal of a status, a reason and headers', () => {
    const refusal = refuse(401, 'sign in first', { 'WWW-Authenticate': 'Bearer' })
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toEqual({ status: 401, reason: 'sign in first', headers: { 'WWW-Authenticate': 'Bearer' } })
  })

  test.each([0, 101, 200, 299, 600, 401.5, Number.NaN, '401'])('takes no status %s', status => {
    expect(() => refuse(status as number)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', option: 'status' }))
  })

  test.each([
    { 'X-Bad': 'a\r\nSet-Cookie: x=1' },
    { 'X-Bad': 'a\nb' },
    { 'X-Bad': 'a\u0000' },
    { 'X Bad': 'a' },
    { 'X-Bad:': 'a' },
    { '': 'a' },
    { 'X-Bad\r\nX-Worse': 'a' },
  ])('takes no header %j', headers => expect(() => refuse(403, '', headers as never)).toThrow(UsageError))
})
