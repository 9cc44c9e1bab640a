import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { type OriginPolicy, originCheck } from '../../src/server/origin.ts'

const passes = (policy: OriginPolicy, origin: string, url: string): boolean => originCheck(policy)(origin, new URL(url))

describe("'same'", () => {
  test.each([
    ['http://example.com', 'ws://example.com/chat'],
    ['https://example.com', 'wss://example.com/chat'],
    ['http://example.com:8080', 'ws://example.com:8080'],
    ['http://EXAMPLE.com', 'ws://example.com'],
    ['http://example.com:80', 'ws://example.com'],
    ['https://example.com:443', 'wss://example.com'],
    ['http://[::1]:8080', 'ws://[::1]:8080'],
    ['http://127.0.0.1:8080', 'ws://127.0.0.1:8080'],
    // A proxy that ends TLS and does not say so.
    ['https://example.com', 'ws://example.com'],
  ])('lets %s use %s', (origin, url) => expect(passes('same', origin, url)).toBe(true))

  test.each([
    ['https://evil.com', 'wss://example.com'],
    ['https://example.com.evil.com', 'wss://example.com'],
    ['https://evilexample.com', 'wss://example.com'],
    ['https://sub.example.com', 'wss://example.com'],
    ['https://example.co', 'wss://example.com'],
    ['https://example.com:8443', 'wss://example.com'],
    ['https://example.com', 'wss://example.com:8443'],
    ['http://example.com', 'wss://example.com'],
    ['https://example.com@evil.com', 'wss://example.com'],
    ['https://evil.com@example.com', 'wss://example.com'],
    ['https://evil.com/example.com', 'wss://example.com'],
    ['https://evil.com#example.com', 'wss://example.com'],
    ['https://example.com/path', 'wss://example.com'],
    ['https://example.com, https://evil.com', 'wss://example.com'],
    ['https://example.com https://evil.com', 'wss://example.com'],
    ['null', 'wss://example.com'],
    ['', 'wss://example.com'],
    ['example.com', 'wss://example.com'],
    ['//example.com', 'wss://example.com'],
    ['file://', 'wss://example.com'],
    ['file://example.com', 'wss://example.com'],
    ['wss://example.com', 'wss://example.com'],
    ['chrome-extension://example.com', 'wss://example.com'],
  ])('does not let %j use %s', (origin, url) => expect(passes('same', origin, url)).toBe(false))
})

describe('a list', () => {
  const list = ['https://example.com', 'http://localhost:3000', 'chrome-extension://abcdef']
  test.each([
    'https://example.com',
    'https://example.com:443',
    'HTTPS://Example.com',
    'http://localhost:3000',
    'chrome-extension://abcdef',
  ])('has %s', origin => expect(passes(list, origin, 'wss://api.example.com')).toBe(true))
  test.each([
    'http://example.com',
    'https://example.com:8443',
    'https://www.example.com',
    'https://example.com.evil.com',
    'http://localhost',
    'http://localhost:30000',
    'https://api.example.com',
    'chrome-extension://abcdeg',
    'null',
    '',
    'undefined',
  ])('does not have %j', origin => expect(passes(list, origin, 'wss://api.example.com')).toBe(false))

  test('that has nothing lets nobody in, not even the same origin', () => {
    expect(passes([], 'https://example.com', 'wss://example.com')).toBe(false)
    expect(passes([], '', 'wss://example.com')).toBe(false)
  })

  test("can have 'same' among them", () => {
    expect(passes(['same', 'https://a.com'], 'https://example.com', 'wss://example.com')).toBe(true)
    expect(passes(['same', 'https://a.com'], 'https://a.com', 'wss://example.com')).toBe(true)
    expect(passes(['same', 'https://a.com'], 'https://b.com', 'wss://example.com')).toBe(false)
  })

  test.each([
    'example.com',
    'null',
    '*',
    'https://example.com/path',
    'https://example.com?x',
    'https://user@example.com',
    '',
  ])('refuses %j, which is no origin, with a UsageError', origin =>
    expect(() => originCheck([origin])).toThrow(UsageError),
  )
})

test("'any' lets everybody in", () => {
  for (const origin of ['https://evil.com', 'null', '']) expect(passes('any', origin, 'wss://example.com')).toBe(true)
})

test('a function decides, told the origin and the URL', () => {
  const policy = (origin: string, url: URL): boolean => origin === `https://${url.hostname.split('.')[1]}.com`
  expect(passes(policy, 'https://a.com', 'wss://x.a.net')).toBe(true)
  expect(passes(policy, 'https://b.com', 'wss://x.a.net')).toBe(false)
})
