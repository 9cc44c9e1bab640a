/** What `redisBackplane` takes and refuses, and what keys and channels are called. */
import { describe, expect, test } from 'vitest'
import { redisBackplane } from '../../src/backplane/redis/index.ts'
import { Names, slotOf } from '../../src/backplane/redis/names.ts'
import { type RedisBackplaneOptions, resolveRedis } from '../../src/backplane/redis/options.ts'
import { UsageError } from '../../src/errors.ts'

describe('a URL', () => {
  const nobody = { username: undefined, password: undefined }
  const local = { host: '127.0.0.1', port: 6379, path: undefined }
  const read: [url: string, wanted: object][] = [
    ['redis://127.0.0.1', { seeds: [local], ...nobody, database: 0, tls: undefined }],
    ['redis://127.0.0.1:6379/3', { seeds: [local], ...nobody, database: 3 }],
    ['redis://:s%40cret@127.0.0.1', { seeds: [local], username: undefined, password: 's@cret' }],
    ['redis://app:a:b@127.0.0.1', { seeds: [local], username: 'app', password: 'a:b' }],
    ['rediss://app:x@127.0.0.1/', { seeds: [local], username: 'app', tls: {} }],
    ['redis://[::1]:7000', { seeds: [{ host: '::1', port: 7000, path: undefined }] }],
    ['redis://a:1,b:2,c', { seeds: [1, 2, 6379].map((port, at) => ({ host: 'abc'[at], port, path: undefined })) }],
    ['unix:///run/redis.sock', { seeds: [{ host: 'localhost', port: 0, path: '/run/redis.sock' }], ...nobody }],
    ['unix://:x@/run/redis.sock', { seeds: [{ host: 'localhost', port: 0, path: '/run/redis.sock' }], password: 'x' }],
  ]
  for (const [url, wanted] of read) test(`${url} is read`, () => expect(resolveRedis(url)).toMatchObject(wanted))

  const wrong = [
    ...[
      'localhost:6379',
      'http://localhost',
      'redis://',
      'redis://a:0',
      'redis://a:70000',
      'redis://a:b',
      'redis://a/x',
    ],
    ...['redis://a,', 'redis://[::1', 'redis://:%zz@a', 'unix://run', 'redis://a?b=c', 'redis://a:secret@b@c'],
  ]
  for (const url of wrong)
    test(`${url} is refused without saying what stands in it`, () => {
      expect(() => redisBackplane(url)).toThrow(UsageError)
      expect(() => redisBackplane(url)).not.toThrow(/secret|%zz/)
    })
})

test('a password in an option that is wrong is not in the error', () => {
  const options = { cluster: 'redis://:secret@a' } as unknown as RedisBackplaneOptions
  expect(() => redisBackplane(options)).toThrow('option cluster of redisBackplane must be a list')
  expect(() => redisBackplane(options)).not.toThrow('secret')
})

test('the name has hosts and ports in it, and nobody', () => {
  expect(redisBackplane('redis://app:secret@a:1,b:2').name).toBe('Redis at a:1, b:2')
  expect(redisBackplane('unix://app:secret@/run/redis.sock').name).toBe('Redis at /run/redis.sock')
})

test('without anything it is the Redis of this machine', () => {
  expect(redisBackplane().name).toBe('Redis at 127.0.0.1:6379')
})

const refused: [options: object, name: string][] = [
  [{ url: 'redis://a', cluster: ['redis://b'] }, 'cluster'],
  [{ cluster: [] }, 'cluster'],
  [{ cluster: 'redis://a' }, 'cluster'],
  [{ url: '' }, 'url'],
  [{ prefix: '' }, 'prefix'],
  [{ prefix: 'a{b}' }, 'prefix'],
  [{ prefix: 'x'.repeat(65) }, 'prefix'],
  [{ stallTimeout: 0 }, 'stallTimeout'],
  [{ stallTimeout: Number.POSITIVE_INFINITY }, 'stallTimeout'],
  [{ durable: 'yes' }, 'durable'],
  [{ patterns: 1 }, 'patterns'],
  [{ tls: {} }, 'tls'],
  [{ tls: true, url: 'rediss://a' }, 'tls'],
  [{ password: 'x' }, 'password'],
]
for (const [options, name] of refused)
  test(`${JSON.stringify(options)} is refused by name`, () => {
    expect(() => redisBackplane(options as RedisBackplaneOptions)).toThrow(expect.objectContaining({ option: name }))
  })

describe('names', () => {
  const names = new Names('p:', 0)
  const topics = [
    'a',
    'a/b',
    'a b',
    '{a}',
    '}{',
    'a*',
    '*a',
    '[x]?',
    '\\',
    'ä',
    '😀',
    '%2A',
    '{'.repeat(256),
    ':',
    'a}:words',
  ]

  for (const topic of topics)
    test(`${topic} is found again in its channel, and has one pair of braces`, () => {
      const channel = names.channel(topic)
      expect(names.topicOf(channel)).toBe(topic)
      expect(channel).toMatch(/^p:\{[^{}*?[\]\\\s]+\}$/)
      for (const key of [names.place(topic), names.stream(topic), names.words(topic), names.terms(topic)])
        expect(key.startsWith(`${channel}:`)).toBe(true)
    })

  test('databases have channels of their own, as channels are one space for all of them', () => {
    expect(new Names('p:', 3).channel('a')).toBe('p:@3:{a}')
    expect(new Names('p:', 3).stream('a')).toBe('p:{a}:stream')
    expect(new Names('p:', 3).topicOf('p:@3:{a}')).toBe('a')
  })

  test('a pattern is one of Redis with nothing else in it that Redis would read as one', () => {
    expect(names.glob('a/*')).toBe('p:{a/*}')
    expect(names.glob('a*/[b]/**')).toBe('p:{a%2A/%5Bb%5D/*}')
  })

  // The first is the check value of CRC-16/XMODEM (Redis Cluster specification, appendix A).
  for (const [topic, slot] of [
    ['123456789', 0x31c3],
    ['foo', 12_182],
    ['hello', 866],
  ] as const)
    test(`${topic} is in slot ${slot}`, () => expect(slotOf(topic)).toBe(slot))
})
