/** The header fields that Chromium 156 sent to a page's own server on Linux, byte for byte, and a session's cookie. */
import type { HeaderSet, Method } from './plan.ts'

type Fields = Readonly<Record<string, string>>

const AGENT: Fields = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
}

const CLIENT_HINTS: Fields = {
  'sec-ch-ua-platform': '"Linux"',
  'sec-ch-ua': '"Not:A-Brand";v="8", "Chromium";v="156"',
  'sec-ch-ua-mobile': '?0',
}

const FETCH: Fields = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }

const FRESH: Fields = { Pragma: 'no-cache', 'Cache-Control': 'no-cache' }

const LANGUAGE: Fields = { 'Accept-Encoding': 'gzip, deflate, br, zstd', 'Accept-Language': 'en-US,en;q=0.9' }

/** 36 bytes: an identifier of a session in 128 bits, and nothing for statistics or advertisers. */
const COOKIE: Fields = { Cookie: 'sid=3f9a1c5be0d24a7790c1d8e2f4b6a835' }

/** The fields beside Host, Connection and those of the opening handshake. */
export function headersOf(set: HeaderSet, method: Method, page: string): Fields {
  if (set === 'minimal') return {}
  if (method === 'websocket') return { ...FRESH, ...AGENT, ...LANGUAGE, ...COOKIE }
  const referer = { Referer: page }
  if (method === 'sse')
    return {
      ...FRESH,
      ...AGENT,
      Accept: 'text/event-stream',
      ...CLIENT_HINTS,
      ...FETCH,
      ...referer,
      ...LANGUAGE,
      ...COOKIE,
    }
  return { ...AGENT, Accept: '*/*', ...CLIENT_HINTS, ...FETCH, ...referer, ...LANGUAGE, ...COOKIE }
}
