import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { Router } from '../../src/server/router.ts'

/** Each row: patterns in the order of their naming, a path, and what fits: the pattern and its parameters. */
const table: readonly [
  patterns: readonly string[],
  path: string,
  fits: [string, Record<string, string>] | undefined,
][] = [
  [['/echo'], '/echo', ['/echo', {}]],
  [['/echo'], '/echo/', undefined],
  [['/echo'], '/Echo', undefined],
  [['/echo'], '/ech', undefined],
  [['/echo'], '/echo/x', undefined],
  [['/'], '/', ['/', {}]],
  [['/'], '/x', undefined],
  [['/chat/:room'], '/chat/lobby', ['/chat/:room', { room: 'lobby' }]],
  [['/chat/:room'], '/chat/', undefined],
  [['/chat/:room'], '/chat', undefined],
  [['/chat/:room'], '/chat/a/b', undefined],
  [['/chat/:room'], '/chat/a%2Fb', ['/chat/:room', { room: 'a/b' }]],
  [['/chat/:room'], '/chat/caf%C3%A9%20%E2%98%95', ['/chat/:room', { room: 'café ☕' }]],
  [['/chat/:room'], '/chat/%', undefined],
  [['/chat/:room'], '/chat/%ff', undefined],
  [['/:a/:b'], '/1/2', ['/:a/:b', { a: '1', b: '2' }]],
  [['/:a/fixed/:b'], '/1/fixed/2', ['/:a/fixed/:b', { a: '1', b: '2' }]],
  [['/:a/fixed/:b'], '/1/other/2', undefined],
  [['/files/*'], '/files/a/b.txt', ['/files/*', { '*': 'a/b.txt' }]],
  [['/files/*'], '/files/a%20b/c', ['/files/*', { '*': 'a b/c' }]],
  [['/files/*'], '/files/', undefined],
  [['/files/*'], '/files', undefined],
  [['/:user/*'], '/ada/x/y', ['/:user/*', { user: 'ada', '*': 'x/y' }]],
  [['/*'], '/anything/at/all', ['/*', { '*': 'anything/at/all' }]],
  // A pattern without parameters goes first; among the others, the one that was named first.
  [['/chat/:room', '/chat/lobby'], '/chat/lobby', ['/chat/lobby', {}]],
  [['/*', '/chat/:room'], '/chat/lobby', ['/*', { '*': 'chat/lobby' }]],
  [['/chat/:room', '/*'], '/chat/lobby', ['/chat/:room', { room: 'lobby' }]],
  [['/a/:x', '/:y/b'], '/a/b', ['/a/:x', { x: 'b' }]],
  // A pattern may be written as people read it; a path comes as URLs write it.
  [['/grüße'], '/gr%C3%BC%C3%9Fe', ['/grüße', {}]],
  [['/gr%C3%BC%C3%9Fe'], '/gr%C3%BC%C3%9Fe', ['/gr%C3%BC%C3%9Fe', {}]],
  [['/{a}"<b>`'], '/%7Ba%7D%22%3Cb%3E%60', ['/{a}"<b>`', {}]],
  [['/a?b'], '/a', undefined],
  [['/two words/:x'], '/two%20words/1', ['/two words/:x', { x: '1' }]],
  [['/a/:größe'], '/a/5', ['/a/:größe', { größe: '5' }]],
]

test.each(table)('of %j, %s fits %j', (patterns, path, fits) => {
  const match = new Router(patterns.map(pattern => [pattern, pattern])).match(path)
  expect(match && [match.route, { ...match.params }]).toEqual(fits)
})

test.each(['__proto__', 'constructor', 'toString'])('a parameter %s is only what stood in the path', name => {
  const router = new Router([
    [`/:${name}`, 'parameter'],
    ['/fixed', 'fixed'],
  ])
  const params = router.match('/evil')?.params as Record<string, unknown>
  expect(Object.keys(params)).toEqual([name])
  expect(params[name]).toBe('evil')
  expect(Object.getPrototypeOf(params)).toBeNull()
  expect(Object.getPrototypeOf(router.match('/fixed')?.params)).toBeNull()
  expect(({} as Record<string, unknown>)['evil']).toBeUndefined()
})

test('a thousand segments are matched without trouble', () => {
  const router = new Router([['/:a/*', 'route']])
  expect(router.match(`/${'x/'.repeat(10_000)}x`)?.route).toBe('route')
})

describe('a pattern', () => {
  test.each(['', 'echo', ':room', '*', '/a/:', '/:', '/:a/:a', '/*/b', '/a/*/:b', '/*/*'])(
    'that is %j is refused with a UsageError about routes',
    pattern => {
      expect(() => new Router([[pattern, 1]])).toThrow(UsageError)
      expect(() => new Router([[pattern, 1]])).toThrow(expect.objectContaining({ option: 'routes' }))
    },
  )
})

test.each([[['/:a', '/:b']], [['/x/:a/y', '/x/:b/y']], [['/same', '/same']]])(
  '%j is refused, since the second would never be reached',
  patterns => {
    expect(() => new Router(patterns.map(pattern => [pattern, pattern] as const))).toThrow(UsageError)
  },
)

test('patterns that overlap and do not fit the same paths are taken', () => {
  const router = new Router(['/:a', '/b', '/:a/*', '/:a/:b'].map(pattern => [pattern, pattern] as const))
  expect(router.match('/b')?.route).toBe('/b')
})
