/** From a URL to a line: the opening handshake with its deadline. RFC 6455 §4.1 */

import { Compression } from '../connection/compression.ts'
import { ContextBudget } from '../connection/contexts.ts'
import type { DeflateSettings } from '../connection/deflate-options.ts'
import type { Transport } from '../connection/transport.ts'
import { HandshakeError, TimeoutError, WebSocketError } from '../errors.ts'
import { offerDeflate, readDeflateAnswer } from '../protocol/deflate.ts'
import { type Agreement, readResponse, requestFields } from '../protocol/handshake/client.ts'
import { type Field, Fields } from '../protocol/handshake/fields.ts'
import { createKey } from '../protocol/handshake/key.ts'
import { type Answer, dial } from '../runtime/node/dial.ts'
import { basicCredentials, proxyFromEnvironment } from '../runtime/node/proxy.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import { listenToAbort } from '../runtime/node/signal.ts'
import { nodeDeflate } from '../runtime/node/zlib-handles.ts'
import type { ResolvedClient } from './options.ts'

/** A handshake as it went over the wire, for people who want to look. Header names are in lower case. */
export interface Handshake {
  readonly request: { readonly target: string; readonly headers: Readonly<Record<string, string>> }
  readonly response: { readonly status: number; readonly headers: Readonly<Record<string, string>> }
}

/** An open line and what was agreed on. */
export interface Line {
  readonly transport: Transport
  readonly head: Uint8Array
  readonly agreement: Agreement
  readonly compression: Compression | undefined
  readonly handshake: Handshake
}

/** Not a function of `onAbort`, since that would keep what the caller's function holds. */
const nothing = (): void => {}

/**
 * Calls back with ERR_ABORTED when the caller's signal is aborted, at once when it is already.
 *
 * @returns what takes the listener away
 */
export function onAbort(signal: AbortSignal | undefined, act: (error: WebSocketError) => void): () => void {
  if (signal === undefined) return nothing
  const abort = (): void => act(new WebSocketError('ERR_ABORTED', 'the caller aborted', { cause: signal.reason }))
  if (signal.aborted) abort()
  return listenToAbort(signal, abort)
}

/**
 * Rejects with a HandshakeError, a TimeoutError, or the reason of the signal when that was aborted.
 *
 * Deviation: §4.1 lets a client open only one connection to a host at a time, as browsers do; programs of Node that open
 * many, such as load generators, need them at once.
 *
 * Deviation: the WebSockets standard §2.2 blocks ports of other protocols, so that pages cannot speak to them; a program of
 * Node can do so anyhow, and may have its server there.
 */
export async function establish(
  url: URL,
  protocols: readonly string[],
  options: ResolvedClient,
  signal: AbortSignal,
): Promise<Line> {
  const attempt = new AbortController()
  const limit = { option: 'handshakeTimeout', value: options.handshakeTimeout }
  const timer = nodeRuntime.clock.setTimeout(
    () => attempt.abort(new TimeoutError('the opening handshake took too long', limit)),
    limit.value,
  )
  const abort = (): void => attempt.abort(signal.reason)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    return await shakeHands(url, protocols, options, attempt.signal)
  } finally {
    timer.clear()
    signal.removeEventListener('abort', abort)
  }
}

/**
 * WebSockets standard, "establish a WebSocket connection": a server that ignores the offered subprotocols is refused;
 * RFC 6455 §4.1 lets a client go on.
 */
export function requireProtocol(line: Line, protocols: readonly string[]): Line {
  if (protocols.length === 0 || line.agreement.protocol !== '') return line
  line.transport.destroy()
  const { status, headers } = line.handshake.response
  throw new HandshakeError(`the server chose none of the subprotocols '${protocols.join("', '")}'`, { status, headers })
}

async function shakeHands(
  url: URL,
  protocols: readonly string[],
  options: ResolvedClient,
  signal: AbortSignal,
): Promise<Line> {
  const wishes = wishesOf(options)
  const asked = wishes === undefined || wishes.serverNoContextTakeover ? 0 : 2 ** wishes.serverMaxWindowBits
  // Whoever dials at the same time is to know of it; the line reserves its own.
  BUDGET.reserve(asked)
  try {
    return await exchange({ url, protocols, options, wishes }, signal)
  } finally {
    BUDGET.reserve(-asked)
  }
}

interface Attempt {
  readonly url: URL
  readonly protocols: readonly string[]
  readonly options: ResolvedClient
  readonly wishes: DeflateSettings | undefined
}

async function exchange({ url, protocols, options, wishes }: Attempt, signal: AbortSignal): Promise<Line> {
  const extensions = wishes === undefined ? [] : [offerDeflate(wishes)]
  const request = { key: createKey(nodeRuntime.crypto), protocols, extensions }
  const fields = [...ownFields(url, options), ...requestFields(request)]
  const { tls, socketPath } = options
  const proxy = options.proxy === false ? undefined : (options.proxy ?? proxyFromEnvironment(url))
  const answer = await dial({ url, fields, tls, proxy, socketPath, signal })
  try {
    const agreement = readResponse(answer, request, nodeRuntime.crypto)
    const { transport, head } = answer.line ?? noLine(answer)
    const compression = compressionOf(agreement, wishes, options.limits.maxMessage, answer)
    return { transport, head, agreement, compression, handshake: handshakeOf(url, fields, answer) }
  } catch (error) {
    answer.line?.transport.destroy()
    throw error
  }
}

/** Memory for what the lines of this process's clients remember. */
const BUDGET = new ContextBudget(67_108_864, nodeRuntime.clock)

/** What is offered: without memory for what a server may refer to, no takeover of it. */
function wishesOf({ deflate }: ResolvedClient): DeflateSettings | undefined {
  if (deflate === undefined || BUDGET.hasRoom(2 ** deflate.serverMaxWindowBits)) return deflate
  return { ...deflate, serverNoContextTakeover: true }
}

/** What the server's answer makes of our offer; a wrong one fails the handshake. RFC 7692 §7.1 */
function compressionOf(
  { extensions: [chosen, second] }: Agreement,
  settings: DeflateSettings | undefined,
  maxMessage: number,
  answer: Answer,
): Compression | undefined {
  if (chosen === undefined || settings === undefined) return undefined
  const params = second === undefined ? readDeflateAnswer(chosen, settings) : undefined
  if (params === undefined) {
    const { status, fields } = answer
    throw new HandshakeError('the server chose parameters of permessage-deflate that were not offered', {
      status,
      headers: fields.toObject(),
    })
  }
  return new Compression({ engine: nodeDeflate(), settings, maxMessage, budget: BUDGET }, 'client', params)
}

function noLine({ status, fields }: Answer): never {
  throw new HandshakeError('the server did not switch protocols', { status, headers: fields.toObject() })
}

/** Host, what the application adds, and the credentials of the URL. */
function ownFields(url: URL, { headers, origin }: ResolvedClient): Field[] {
  const given = new Fields(Object.entries(headers))
  const fields: Field[] = given.has('host') ? [] : [['Host', url.host]]
  fields.push(...Object.entries(headers))
  const credentials = given.has('authorization') ? undefined : basicCredentials(url)
  if (credentials !== undefined) fields.push(['Authorization', credentials])
  if (origin !== undefined && !given.has('origin')) fields.push(['Origin', origin])
  return fields
}

const handshakeOf = (url: URL, fields: readonly Field[], answer: Answer): Handshake => ({
  request: { target: url.pathname + url.search, headers: new Fields(fields).toObject() },
  response: { status: answer.status, headers: answer.fields.toObject() },
})
