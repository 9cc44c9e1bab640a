import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { Fields } from '../../../src/protocol/handshake/fields.ts'
import { clientOf, type TrustProxy, trustOf } from '../../../src/runtime/node/address.ts'

interface Peer {
  readonly address?: string
  readonly encrypted?: boolean
  readonly for?: string | readonly string[]
  readonly proto?: string
  readonly host?: string
}

function client(trust: TrustProxy, peer: Peer) {
  const lists = typeof peer.for === 'string' ? [peer.for] : (peer.for ?? [])
  const fields = new Fields([
    ['Host', 'inner.example'],
    ...lists.map(list => ['X-Forwarded-For', list] as const),
    ...(peer.proto === undefined ? [] : [['X-Forwarded-Proto', peer.proto] as const]),
    ...(peer.host === undefined ? [] : [['X-Forwarded-Host', peer.host] as const]),
  ])
  return clientOf({ address: peer.address ?? '10.0.0.1', encrypted: peer.encrypted ?? false, fields }, trustOf(trust))
}

describe('the address of the client', () => {
  const private10 = ['10.0.0.0/8']
  const rows: readonly [claim: string, trust: TrustProxy, peer: Peer, address: string][] = [
    ['is the peer when nobody is trusted', false, { for: '1.1.1.1' }, '10.0.0.1'],
    ['is the peer when no hop is trusted', 0, { for: '1.1.1.1' }, '10.0.0.1'],
    ['is the first of the list when all are trusted', true, { for: '1.1.1.1, 2.2.2.2, 10.0.0.2' }, '1.1.1.1'],
    ['is the last of the list behind one hop', 1, { for: '9.9.9.9, 1.1.1.1' }, '1.1.1.1'],
    ['is the last but one behind two hops', 2, { for: '9.9.9.9, 1.1.1.1, 10.0.0.2' }, '1.1.1.1'],
    ['is the first when there are fewer than the hops', 5, { for: '1.1.1.1' }, '1.1.1.1'],
    ['is the first behind the trusted range', private10, { for: '9.9.9.9, 1.1.1.1, 10.2.3.4' }, '1.1.1.1'],
    ['is the peer when the peer is not in the range', private10, { address: '8.8.8.8', for: '1.1.1.1' }, '8.8.8.8'],
    ['is the outermost proxy when all are in the range', private10, { for: '10.0.0.9, 10.0.0.2' }, '10.0.0.9'],
    ['may be of version 6', ['::1'], { address: '::1', for: '2001:db8::7' }, '2001:db8::7'],
    ['may come over a socket of version 6', private10, { address: '::ffff:10.0.0.1', for: '1.1.1.1' }, '1.1.1.1'],
    ['is told plainly when it came over a socket of version 6', false, { address: '::ffff:1.2.3.4' }, '1.2.3.4'],
    ['may be listed as of version 6', true, { for: '::ffff:1.1.1.1' }, '1.1.1.1'],
    ['may be in a range of version 6', ['2001:db8::/32'], { address: '2001:db8::1', for: '1.1.1.1' }, '1.1.1.1'],
    ['may be a single address', ['10.0.0.1'], { for: '1.1.1.1' }, '1.1.1.1'],
    ['is read from several fields as from one', 2, { for: ['9.9.9.9, 1.1.1.1', '10.0.0.2'] }, '1.1.1.1'],
    ['is the peer when the proxy names nobody', true, {}, '10.0.0.1'],
    ['is the last that is an address', true, { for: '1.1.1.1, evil, 10.0.0.2' }, '10.0.0.2'],
    ['is the peer when the proxy names nonsense', 1, { for: '<script>' }, '10.0.0.1'],
    ['is the peer when the list is empty', 1, { for: '' }, '10.0.0.1'],
    [
      'is not taken over from a client that names a trusted proxy',
      private10,
      { address: '8.8.8.8', for: '10.0.0.9' },
      '8.8.8.8',
    ],
    ['is not moved by what a client writes before', 1, { for: '127.0.0.1, ::1, 10.0.0.1, 6.6.6.6' }, '6.6.6.6'],
  ]
  test.each(rows)('%s', (_claim, trust, peer, address) => expect(client(trust, peer).address).toBe(address))
})

describe('scheme and host', () => {
  test.each([
    [true, { proto: 'https' }, true],
    [true, { proto: 'wss' }, true],
    [true, { proto: 'http', encrypted: true }, false],
    [true, { proto: 'http, https' }, true],
    [true, { encrypted: true }, true],
    [false, { proto: 'https' }, false],
    [['10.0.0.0/8'], { proto: 'https', address: '8.8.8.8' }, false],
  ] satisfies [TrustProxy, Peer, boolean][])('trusting %j, %j is encrypted: %s', (trust, peer, encrypted) => {
    expect(client(trust, peer).encrypted).toBe(encrypted)
  })

  test('are the proxy’s word when it is trusted, else our own', () => {
    expect(client(true, { host: 'outer.example' }).host).toBe('outer.example')
    expect(client(true, {}).host).toBe('inner.example')
    expect(client(false, { host: 'outer.example' }).host).toBe('inner.example')
    expect(client(['10.0.0.0/8'], { address: '8.8.8.8', host: 'evil.example' }).host).toBe('inner.example')
  })
})

test.each([
  '',
  'proxy',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/0x8',
  '10.0.0.0/ 8',
  '::/129',
  '10.0.0',
  '10.0.0.0/8.5',
])('trustProxy takes no range %j', range => {
  expect(() => trustOf([range])).toThrow(UsageError)
  expect(() => trustOf([range])).toThrow(expect.objectContaining({ option: 'trustProxy' }))
})
