/** Before any case: does this URL open a line that sends back what it gets? If not, why, and what to do about it. */
import { STATUS_CODES } from 'node:http'
import { unreachable } from '../connect/explain.ts'
import { ExitCode, Failure } from '../exit.ts'
import type { Case } from './case.ts'
import { type Target, talk } from './engine/dial.ts'
import type { Exchange } from './engine/exchange.ts'
import { OPCODES } from './engine/frame.ts'

const WORD = 'hotline verify'

/** What every server that can be tested does. */
const PLAIN: Case = {
  id: '0',
  title: 'a message comes back',
  clause: 'none',
  why: 'none',
  steps: [{ do: 'send', frames: [{ opcode: OPCODES.text, payload: WORD }] }],
  outcomes: [
    {
      verdict: 'pass',
      messages: [{ type: 'text', payload: WORD }],
      end: { how: 'closed', by: 'suite', codes: 'any' },
    },
  ],
}

/** Rejects with a Failure that says what to do, instead of a thousand cases that fail for one reason. */
export async function preflight(target: Target): Promise<void> {
  const seen = await talk(PLAIN, target).catch((error: unknown) => {
    throw new Failure(ExitCode.unreachable, notConnected(error, target.url))
  })
  if (target.signal?.aborted) return
  if (!seen.opened) throw new Failure(ExitCode.unreachable, notOpened(seen, target))
  const why = noEcho(seen, target)
  if (why !== undefined)
    throw new Failure(ExitCode.failed, `${why}; name a URL that echoes, or check it all the same with --no-preflight`)
}

export const notConnected = (error: unknown, url: URL): string =>
  `cannot connect to ${url.href}: ${unreachable(error, url) ?? (error as Error).message}`

function notOpened(seen: Exchange, { url, deadline }: Target): string {
  const [first] = seen.transcript.entries.filter(({ from }) => from === 'peer')
  if (seen.status) return refused(seen.status, seen, url)
  if (first !== undefined) {
    const said = JSON.stringify(Buffer.from(first.hex, 'hex').toString('latin1').slice(0, 40))
    return `${url.host} does not speak HTTP: it says ${said}${url.protocol === 'ws:' ? '; perhaps it wants wss://' : ''}`
  }
  if (seen.ended === undefined) return `no answer from ${url.host} within ${deadline / 1000} s (--timeout)`
  return `${url.host} hung up without an answer${url.protocol === 'ws:' ? '; perhaps it wants wss://' : ''}`
}

/** What each status asks for. RFC 9110 §15 */
function refused(status: number, seen: Exchange, url: URL): string {
  const location = seen.fields.get('location')?.[0]
  const advice: Readonly<Record<number, string>> = {
    400: 'perhaps it wants a subprotocol (--protocol) or a header (--header)',
    401: `say who you are with --header 'Authorization: …'`,
    403: `it may want a header (--header 'Authorization: …'), or the origin of a page that it knows (--origin)`,
    404: `there is nothing at ${url.pathname}; name the path that echoes`,
    405: `${url.pathname} is no WebSocket; name the path that echoes`,
    407: `a proxy wants --header 'Proxy-Authorization: …'`,
    426: 'it speaks another version of the protocol, or a proxy takes the Upgrade away',
    429: 'it has had enough requests; wait, or raise its limit for this machine',
  }
  const others =
    status < 300
      ? 'that is a page, no WebSocket; name the path that echoes'
      : status < 400
        ? `name the URL to which it sends you${location === undefined ? '' : `: ${location}`}`
        : status < 500
          ? 'it does not take a plain handshake'
          : 'it is not ready, or what it stands for is not; look into its log'
  const words = [status, STATUS_CODES[status]].filter(Boolean).join(' ')
  return `${url.href} answers ${words} instead of opening a line: ${advice[status] ?? others}`
}

function noEcho({ seen, ended }: Exchange, { url, deadline }: Target): string | undefined {
  const first = seen.find(({ kind }) => kind === 'text' || kind === 'binary')
  const close = seen.find(event => event.kind === 'close')
  if (first !== undefined && 'data' in first)
    return first.data.toString() === WORD
      ? undefined
      : `${url.href} is no echo: it was sent ${JSON.stringify(WORD)} and answered ${JSON.stringify(first.data.toString().slice(0, 40))}`
  if (close !== undefined && close.code !== 1000)
    return `${url.href} is no echo: it was sent a message and closed with ${close.code} ${close.reason.slice(0, 60)}`.trimEnd()
  const when = ended === 'peer' || ended === 'reset' ? 'it ended the line' : `nothing came within ${deadline / 1000} s`
  return `${url.href} is no echo: it was sent a message and ${when}`
}
