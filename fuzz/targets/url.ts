/** The URL of a client, against the steps of the WebSockets standard read once more. */
import { parseProtocols, parseUrl } from '../../packages/hotline/src/client/url.ts'
import { latin1, utf8 } from '../engine/bytes.ts'
import type { Random } from '../engine/random.ts'
import { claim, type Target } from '../engine/target.ts'
import { plainProtocols } from '../reference/headers.ts'

const SCHEMES = ['ws', 'wss', 'http', 'https', 'WS', 'Http', 'ftp', 'file', 'data', 'javascript', 'blob', 'wsx', '']
const HOSTS = [
  'example.com',
  'h',
  '[::1]',
  '[::',
  '127.1',
  '0x7f.1',
  'exa mple',
  'ex%61mple',
  'ä.de',
  'xn--',
  '',
  'a_b',
  'h:',
  '256.1',
]
const PORTS = ['', '', ':80', ':443', ':0', ':65535', ':65536', ':x', ':080']
const TAILS = ['', '/', '/a?b', '/a#', '#f', '/%23', '?#', '/a b', '/\\..\\x', '//', '/ä', '\n', '\t#', '/?a=#b']

function someUrl(random: Random): string {
  const user = random.oneIn(8) ? random.pick(['u@', 'u:p@', '@', 'a#b@', '%23@']) : ''
  const slashes = random.oneIn(8) ? random.pick(['', '/', '\\\\', '///', '/\t/']) : '//'
  const text = `${random.pick(SCHEMES)}:${slashes}${user}${random.pick(HOSTS)}${random.pick(PORTS)}${random.pick(TAILS)}`
  return random.oneIn(8) ? `${random.pick([' ', '\u0000', '\n'])}${text} ` : text
}

/** WebSockets standard, the steps of the constructor, on the text: undefined for a SyntaxError. */
function expected(text: string): string | undefined {
  let href: string
  try {
    href = new URL(text).href
  } catch {
    return undefined
  }
  // A fragment begins with the first #, since no other state of the parser takes one; blanks around and line breaks are removed.
  if (text.includes('#')) return undefined
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/.exec(href) ?? []
  if (!['ws', 'wss', 'http', 'https'].includes(scheme)) return undefined
  return new URL(href.replace(/^http/, 'ws')).href
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'SyntaxError'
}

export const url: Target = {
  name: 'url',
  about: "a client's URL and subprotocols: the steps of the WebSockets standard once more",
  longest: 2000,

  make: random => utf8(someUrl(random)),

  run(input) {
    for (const text of new Set([latin1(input), new TextDecoder().decode(input)])) {
      const wanted = expected(text)
      try {
        const got = parseUrl(text)
        claim(got.href === wanted, 'a URL is taken as the standard takes it', text, got.href, wanted)
        const target = got.pathname + got.search
        claim(/^\/[\x21-\x7e]*$/.test(target), 'what is asked for fits into a request', target)
        claim(/^[\x21-\x7e]+$/.test(got.host) && got.hash === '', 'a host is there, a fragment is not', got.host)
      } catch (error) {
        if (!isSyntaxError(error)) throw error
        claim(wanted === undefined, 'a URL is refused as the standard refuses it', text, wanted)
      }
      const names = text.split(',')
      const fine = names.every(name => name === name.trim()) && plainProtocols(names) !== undefined
      try {
        parseProtocols(names)
        claim(fine, 'subprotocols of a client are different tokens', names)
      } catch (error) {
        if (!isSyntaxError(error)) throw error
        claim(!fine, 'different tokens are subprotocols', names)
      }
    }
  },
}
