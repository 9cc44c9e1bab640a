/** The address of the client behind proxies that one trusts. RFC 7239 is not in wide use; X-Forwarded-For is. */
import { BlockList, isIP } from 'node:net'
import { UsageError } from '../../errors.ts'
import type { Fields } from '../../protocol/handshake/fields.ts'

/** How many of the addresses between us and the client are ours: none, all, a number, or those in these ranges. */
export type TrustProxy = boolean | number | readonly string[]

/** Says whether the proxy at an address is trusted; `hop` counts from 0, the one that talks to us. */
export type Trust = (address: string, hop: number) => boolean

/** @throws UsageError for what is not an address or a range such as 10.0.0.0/8 */
export function trustOf(trusted: TrustProxy): Trust {
  if (typeof trusted === 'boolean') return () => trusted
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted
  const ranges = new BlockList()
  for (const range of trusted) addRange(ranges, range)
  return address => {
    const plain = withoutMapping(address)
    const version = isIP(plain)
    return version !== 0 && ranges.check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
}

function addRange(ranges: BlockList, range: string): void {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? []
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  const bits = prefix === undefined ? most : Number(prefix)
  if (version === 0 || bits > most) {
    throw new UsageError(
      `option trustProxy must name addresses or ranges such as 10.0.0.0/8, not '${range}'`,
      'trustProxy',
    )
  }
  ranges.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
const withoutMapping = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address)

/** What is known of the client: its address, and how it reached the outermost trusted proxy. */
export interface Origin {
  readonly address: string
  readonly encrypted: boolean
  readonly host: string | undefined
}

/** Walks from our peer outwards, over the proxies that are trusted, to the first address that is not. */
export function clientOf(peer: { address: string; encrypted: boolean; fields: Fields }, trust: Trust): Origin {
  const { encrypted, fields } = peer
  let address = withoutMapping(peer.address)
  if (!trust(address, 0)) return { address, encrypted, host: fields.get('host') }
  const chain = (fields.get('x-forwarded-for') ?? '').split(',').map(item => item.trim())
  for (let hop = 1; chain.length > 0; hop++) {
    const next = chain.pop() as string
    if (isIP(next) === 0) break
    address = withoutMapping(next)
    if (!trust(address, hop)) break
  }
  const proto = last(fields.get('x-forwarded-proto'))
  const host = last(fields.get('x-forwarded-host')) ?? fields.get('host')
  return { address, encrypted: proto === undefined ? encrypted : proto === 'https' || proto === 'wss', host }
}

const last = (list: string | undefined): string | undefined => list?.split(',').at(-1)?.trim()
