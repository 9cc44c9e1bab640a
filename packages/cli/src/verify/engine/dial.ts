/** One case against a server: connect, ask, play, judge. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Case } from '../case.ts'
import { ask } from './ask.ts'
import { Exchange } from './exchange.ts'
import { Line } from './line.ts'
import { play } from './play.ts'
import { deadlineOf, type Result, resultOf } from './result.ts'
import { Transcript } from './transcript.ts'

export interface Target {
  readonly url: URL
  /** Milliseconds that a case has, unless it needs more. */
  readonly deadline: number
  /** Fields of every request, which a case may have otherwise. */
  readonly fields?: Readonly<Record<string, string>>
  /** Cuts the line. */
  readonly signal?: AbortSignal
  /** Certificates to trust beside the usual ones, in PEM. */
  readonly ca?: string | Buffer
  /** Accepts any certificate. */
  readonly insecure?: boolean
}

/** Rejects only when there is no connection to be had. */
export const dial = async (of: Case, target: Target): Promise<Result> => resultOf(of, await talk(of, target))

/** All that was seen, once the line has ended. Rejects only when there is no connection to be had. */
export async function talk(of: Case, target: Target): Promise<Exchange> {
  const transcript = new Transcript()
  const deadline = deadlineOf(of, target.deadline)
  const socket = await connected(target, deadline)
  const line = new Line(socket, transcript)
  const exchange = new Exchange('server', line, transcript, deadline)
  const timer = setTimeout(() => line.abandon(), deadline + 500)
  const cut = (): unknown => socket.destroy()
  target.signal?.addEventListener('abort', cut)
  try {
    await ask(of, target, exchange)
    if (exchange.opened) await play(of, exchange)
    return exchange
  } finally {
    target.signal?.removeEventListener('abort', cut)
    clearTimeout(timer)
    line.abandon()
  }
}

function connected({ url, ca, insecure = false }: Target, deadline: number): Promise<Socket> {
  const secure = url.protocol === 'wss:' || url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(url.port || (secure ? 443 : 80))
  const trust = { rejectUnauthorized: !insecure, ...(ca === undefined ? {} : { ca }) }
  // The types of Node do not know that tls takes allowHalfOpen too, as its documentation says.
  const options = { host, port, allowHalfOpen: true, servername: isName(host) ? host : '', ...trust }
  const socket = secure ? connectTls(options) : connectTcp(options)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${deadline} ms`)), deadline)
    socket.once('error', reject)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('close', () => clearTimeout(timer))
  })
}

/** A server name of TLS is never an address. RFC 6066 §3 */
const isName = (host: string): boolean => !/^[\d.]+$/.test(host) && !host.includes(':')
