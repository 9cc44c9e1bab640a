/** The view of an application on a kept request: what it asks for is read then, and is the same from then on. */
import { parseProtocols } from '../protocol/handshake/subprotocol.ts'
import type { IncomingMessage } from '../runtime/node/http.ts'
import { isTokenProtocol, tokenOf } from '../topics/wire/token.ts'
import { arrivalOf, fieldsOf } from './kept.ts'
import type { HandshakeRequest, OpeningRequest } from './request.ts'

/** The parameters of a route in a path that it fits. */
export type ParamsOf = (path: string) => Readonly<Record<string, string>>

const inspect = Symbol.for('nodejs.util.inspect.custom')

/** What the socket has as `request`. */
export class Opening implements OpeningRequest {
  readonly #kept: string
  readonly #paramsOf: ParamsOf
  #url: URL | undefined
  #params: Readonly<Record<string, string>> | undefined
  #headers: Readonly<Record<string, string | undefined>> | undefined
  #protocols: readonly string[] | undefined

  constructor(kept: string, paramsOf: ParamsOf) {
    this.#kept = kept
    this.#paramsOf = paramsOf
  }

  get url(): URL {
    this.#url ??= new URL(arrivalOf(this.#kept).href)
    return this.#url
  }

  get params(): Readonly<Record<string, string>> {
    this.#params ??= this.#paramsOf(new URL(arrivalOf(this.#kept).href).pathname)
    return this.#params
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    this.#headers ??= fieldsOf(this.#kept).toObject()
    return this.#headers
  }

  get origin(): string | undefined {
    return this.headers.origin
  }

  get protocols(): readonly string[] {
    this.#protocols ??= this.#offered().filter(protocol => !isTokenProtocol(protocol))
    return this.#protocols
  }

  get token(): string | undefined {
    return tokenOf(this.#offered())
  }

  get remoteAddress(): string {
    return arrivalOf(this.#kept).address
  }

  get encrypted(): boolean {
    return arrivalOf(this.#kept).encrypted
  }

  /** For logs: getters would not be in them. The token is not for logs. */
  toJSON(): Omit<OpeningRequest, 'token'> {
    const { url, params, headers, origin, protocols, remoteAddress, encrypted } = this
    return { url, params, headers, origin, protocols, remoteAddress, encrypted }
  }

  [inspect](): Omit<OpeningRequest, 'token'> {
    return this.toJSON()
  }

  #offered(): readonly string[] {
    const field = this.headers['sec-websocket-protocol']
    return field === undefined ? [] : (parseProtocols([field]) ?? [])
  }
}

/** The same while it is decided on. */
export class Asking extends Opening implements HandshakeRequest {
  readonly raw: IncomingMessage
  #controller: AbortController | undefined
  #reason: Error | undefined

  constructor(kept: string, paramsOf: ParamsOf, raw: IncomingMessage) {
    super(kept, paramsOf)
    this.raw = raw
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** True when nobody waits for the decision any more. */
  get isGivenUp(): boolean {
    return this.#reason !== undefined
  }

  giveUp(reason: Error): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
  }
}
