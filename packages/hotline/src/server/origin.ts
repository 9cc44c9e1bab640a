/** Which pages of which sites may connect. RFC 6455 §4.2.2 (4, /origin/), §10.2 */
import { UsageError } from '../errors.ts'
import { readUrl } from '../protocol/handshake/url.ts'

/**
 * `same`: pages of our own host; `any`; a list of origins such as https://example.com, `same` among them if you like; or
 * a decision of your own.
 */
export type OriginPolicy = 'same' | 'any' | readonly string[] | ((origin: string, url: URL) => boolean)

/** True when a page of this origin may connect to this URL. Hosts are compared whole, never in part. */
export type OriginCheck = (origin: string, url: URL) => boolean

/** @throws UsageError for what is not an origin: it has a scheme and a host, and no path */
export function originCheck(policy: OriginPolicy): OriginCheck {
  if (typeof policy === 'function') return (origin, url) => decided(policy(origin, url))
  if (policy === 'any') return () => true
  if (policy === 'same') return isSame
  const allowed = new Set(policy.filter(one => one !== 'same').map(normalize))
  const same = policy.includes('same')
  return (origin, url) => allowed.has(originOf(origin) ?? '') || (same && isSame(origin, url))
}

/** Only true is yes. A promise would be a decision that nobody waits for. */
function decided(verdict: unknown): boolean {
  if (!(verdict instanceof Promise)) return verdict === true
  verdict.catch(() => {})
  throw new UsageError(
    'option origin: the function must decide at once; what has to wait goes into authorize',
    'origin',
  )
}

function normalize(origin: string): string {
  const parsed = originOf(origin)
  if (parsed === undefined)
    throw new UsageError(`option origin must list origins such as https://example.com, not '${origin}'`, 'origin')
  return parsed
}

/** The origin in its normal form; undefined for `null` and for what is not one. RFC 6454 §6.2, §7.3 */
function originOf(text: string): string | undefined {
  const url = readUrl(text)
  const plain =
    url !== undefined && url.pathname.length <= 1 && url.search === '' && url.hash === '' && url.username === ''
  return plain && url.host !== '' ? `${url.protocol}//${url.host}` : undefined
}

/** The page's host is ours. A page over http may not use a line over TLS; the reverse happens behind a proxy. */
function isSame(origin: string, url: URL): boolean {
  const own = url.protocol === 'wss:' ? [`https://${url.host}`] : [`http://${url.host}`, `https://${url.host}`]
  return own.includes(originOf(origin) ?? '')
}
