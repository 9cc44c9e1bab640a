import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Fields } from '../../src/protocol/handshake/fields.ts'
import { keep } from '../../src/server/kept.ts'
import { Asking, Opening } from '../../src/server/opening.ts'

const FIELDS = [
  'Host',
  'example.com',
  'Cookie',
  'a=1',
  'COOKIE',
  'b=2',
  'Origin',
  'https://example.com',
  '__proto__',
  'x',
]

const kept = (fields: readonly string[] = FIELDS, encrypted = true): string =>
  keep(
    { address: '10.0.0.1', encrypted, host: 'example.com' },
    new URL('wss://example.com/chat/1?x=%0A#y'),
    Fields.fromFlat(fields),
  )

const paramsOf = (path: string): Record<string, string> => ({ path })

describe('a kept request', () => {
  test('gives back what it was made of', () => {
    const request = new Opening(
      kept([...FIELDS, 'Sec-WebSocket-Protocol', 'one', 'Sec-WebSocket-Protocol', 'two, three']),
      paramsOf,
    )
    expect(request.url).toBeInstanceOf(URL)
    expect(request.url.href).toBe('wss://example.com/chat/1?x=%0A#y')
    expect(request.params).toEqual({ path: '/chat/1' })
    expect(Object.entries(request.headers)).toEqual([
      ['host', 'example.com'],
      ['cookie', 'a=1, b=2'],
      ['origin', 'https://example.com'],
      ['__proto__', 'x'],
      ['sec-websocket-protocol', 'one, two, three'],
    ])
    expect(request.origin).toBe('https://example.com')
    expect(request.protocols).toEqual(['one', 'two', 'three'])
    expect([request.remoteAddress, request.encrypted]).toEqual(['10.0.0.1', true])
  })

  test('of few words says so', () => {
    const request = new Opening(kept([], false), paramsOf)
    expect([request.origin, request.protocols, request.encrypted]).toEqual([undefined, [], false])
    expect(Object.keys(request.headers)).toEqual([])
    expect(Object.getPrototypeOf(request.headers)).toBeNull()
  })

  test('keeps fields without a value apart', () => {
    const { headers } = new Opening(kept(['A', '', 'B', '', 'C', 'c']), paramsOf)
    expect({ ...headers }).toEqual({ a: '', b: '', c: 'c' })
  })

  test.each(['url', 'params', 'headers', 'protocols'] as const)('gives the same %s each time', part => {
    const request = new Opening(kept(), paramsOf)
    expect(request[part]).toBe(request[part])
  })

  test('shows itself in JSON and on a terminal', () => {
    const request = new Opening(kept(), paramsOf)
    expect(JSON.parse(JSON.stringify(request))).toMatchObject({
      url: request.url.href,
      origin: 'https://example.com',
      headers: { cookie: 'a=1, b=2' },
      remoteAddress: '10.0.0.1',
    })
    expect(inspect(request)).toContain("remoteAddress: '10.0.0.1'")
  })
})

describe('the signal of a request that is decided on', () => {
  const asking = (): Asking => new Asking(kept(), paramsOf, {} as never)

  test('is aborted with the first reason for which it was given up', () => {
    const request = asking()
    const { signal } = request
    expect(request.isGivenUp).toBe(false)
    request.giveUp(new Error('first'))
    request.giveUp(new Error('second'))
    expect([signal.aborted, signal.reason.message, request.isGivenUp]).toEqual([true, 'first', true])
  })

  test('is aborted already when it is asked for late', () => {
    const request = asking()
    request.giveUp(new Error('gone'))
    expect([request.signal.aborted, request.signal.reason.message]).toEqual([true, 'gone'])
    expect(request.signal).toBe(request.signal)
  })
})
