/** From an upgrade request to an open socket, step by step; each step may refuse. RFC 6455 §4.2.2 */

import type { CompressionTerms } from '../connection/compression.ts'
import { ContextBudget } from '../connection/contexts.ts'
import { DEFLATE_RULES, resolveDeflate } from '../connection/deflate-options.ts'
import { Session } from '../connection/session.ts'
import { fitReason } from '../protocol/close.ts'
import type { Field } from '../protocol/handshake/fields.ts'
import { acceptFields, type Offer, readRequest } from '../protocol/handshake/server.ts'
import { chooseProtocol } from '../protocol/handshake/subprotocol.ts'
import { clientOf, type Trust, trustOf } from '../runtime/node/address.ts'
import { nodeRuntime } from '../runtime/node/runtime.ts'
import type { NodeUpgrade } from '../runtime/node/upgrade.ts'
import { nodeDeflate } from '../runtime/node/zlib-handles.ts'
import { chooseExtensions } from './extensions.ts'
import type { ErrorContext, ResolvedRoute, ResolvedServer } from './options.ts'
import { type OriginCheck, originCheck } from './origin.ts'
import { Refusal } from './refuse.ts'
import { type HandshakeRequest, requestUrl } from './request.ts'
import { Router } from './router.ts'
import { type Handlers, ServerSocket, type Verdict } from './routes.ts'
import { runRoute } from './run.ts'

/** Ends a decision: the request gets 503 with the reason. */
export type GiveUp = (reason: string) => void

/** What an acceptor tells the server that it works for. */
export interface AcceptorOwner {
  /** Undefined when a further socket may be accepted; else why not. */
  full(): string | undefined
  /** A request is being decided on; call the result when it is. */
  deciding(giveUp: GiveUp): () => void
  opened(socket: ServerSocket, session: Session): void
}

interface Candidate {
  readonly upgrade: NodeUpgrade
  readonly route: Prepared
  readonly offer: Offer
  readonly request: HandshakeRequest
}

/** A route with its origin check and its compression made ready. */
interface Prepared extends ResolvedRoute {
  readonly allows: OriginCheck
  /** Undefined when it does not want any. */
  readonly compression: CompressionTerms | undefined
}

export class Acceptor {
  readonly #options: ResolvedServer
  readonly #router: Router<Prepared>
  readonly #trust: Trust
  readonly #owner: AcceptorOwner

  constructor(options: ResolvedServer, owner: AcceptorOwner) {
    this.#options = options
    this.#owner = owner
    this.#trust = trustOf(options.trustProxy)
    const budget = new ContextBudget(options.deflateBudget, nodeRuntime.clock)
    this.#router = new Router(options.routes.map(([pattern, route]) => [pattern, prepare(route, budget)] as const))
  }

  /** Answers a request; false when no route is for it. */
  take(upgrade: NodeUpgrade): boolean {
    const client = clientOf(
      { address: upgrade.peerAddress, encrypted: upgrade.encrypted, fields: upgrade.fields },
      this.#trust,
    )
    const url = requestUrl(upgrade.target, client.host ?? '', client.encrypted)
    if (url === undefined) {
      upgrade.refuse(400, 'the request target or Host is not valid', [])
      return true
    }
    const match = this.#router.match(url.pathname)
    if (match === undefined) return false
    const { route, params } = match
    const offer = this.#admit(upgrade, route, url)
    if (offer === undefined) return true
    const { address: remoteAddress, encrypted } = client
    const headers = upgrade.fields.toObject()
    const controller = new AbortController()
    const request: HandshakeRequest = {
      url,
      params,
      headers,
      origin: headers.origin,
      protocols: offer.protocols,
      remoteAddress,
      encrypted,
      signal: controller.signal,
      raw: upgrade.raw,
    }
    this.#authorize({ upgrade, route, offer, request }, controller)
    return true
  }

  /** What is decided without the application. */
  #admit(upgrade: NodeUpgrade, route: Prepared, url: URL): Offer | undefined {
    const { fields } = upgrade
    const full = this.#owner.full()
    if (full !== undefined) upgrade.refuse(503, full, [['Retry-After', '1']])
    else if (fields.size > this.#options.maxHeaders) {
      upgrade.refuse(431, `more than ${this.#options.maxHeaders} header fields (maxHeaders)`, [])
    } else {
      const offer = readRequest(upgrade)
      if (!('key' in offer)) upgrade.refuse(offer.status, offer.reason, offer.fields)
      else if (!this.#originPasses(fields.all('origin'), route, url))
        upgrade.refuse(403, 'this origin may not connect', [])
      else return offer
    }
    return undefined
  }

  #originPasses(origins: readonly string[], route: Prepared, url: URL): boolean {
    const [origin, second] = origins
    if (origin === undefined) return !route.requireOrigin
    if (second !== undefined) return false
    try {
      return route.allows(origin, url)
    } catch (error) {
      this.#options.report(error, { phase: 'authorize' })
      return false
    }
  }

  #authorize(candidate: Candidate, controller: AbortController): void {
    const handlers = candidate.route.run
    if (typeof handlers === 'function' || handlers.authorize === undefined) {
      this.#accept(candidate, undefined)
      return
    }
    this.#decide(candidate, handlers, controller).catch(error => this.#options.report(error, { phase: 'authorize' }))
  }

  /** Waits for the application's word, but not for ever, and not when nobody waits for the answer any more. */
  async #decide(candidate: Candidate, handlers: Handlers, controller: AbortController): Promise<void> {
    const { upgrade, route, request } = candidate
    const giveUp: GiveUp = reason => {
      upgrade.refuse(503, reason, [['Retry-After', '1']])
      controller.abort(new Error(reason))
      decided()
    }
    const decided = this.#owner.deciding(giveUp)
    const tooLate = `not accepted within ${route.acceptTimeout} ms (acceptTimeout)`
    const late = nodeRuntime.clock.setTimeout(() => giveUp(tooLate), route.acceptTimeout)
    upgrade.watch(() => {
      upgrade.drop()
      controller.abort(new Error('the client has gone'))
      decided()
    })
    const verdict = await this.#ask(handlers, request)
    late.clear()
    decided()
    if (upgrade.answered) return
    if (verdict instanceof Refusal) this.#refuse(candidate, verdict)
    else this.#accept(candidate, verdict)
  }

  /** The application's word; an error is told and becomes a refusal. */
  async #ask(handlers: Handlers, request: HandshakeRequest): Promise<Verdict<unknown>> {
    try {
      const verdict = await handlers.authorize?.(request)
      return verdict === false || verdict === null || verdict === undefined
        ? new Refusal(403, 'not authorized', {})
        : verdict
    } catch (error) {
      if (error instanceof Refusal) return error
      if (!request.signal.aborted) this.#options.report(error, { phase: 'authorize' })
      return new Refusal(500, 'the server failed', {})
    }
  }

  /** By status, or so that a page can see it: open, then close with 4000 + status. */
  #refuse(candidate: Candidate, { status, reason, headers }: Refusal): void {
    const { upgrade, route } = candidate
    if (route.refuseBy === 'status') {
      upgrade.refuse(status, reason, Object.entries(headers))
      return
    }
    const { session, head } = this.#open(candidate, undefined, error =>
      this.#options.report(error, { phase: 'authorize' }),
    )
    session.deliverTo(() => {}, undefined)
    session.connection.close(4000 + status, fitReason(reason, nodeRuntime.codec))
    session.connection.start(head)
  }

  #accept(candidate: Candidate, data: unknown): void {
    const full = this.#owner.full()
    if (full !== undefined) {
      candidate.upgrade.refuse(503, full, [['Retry-After', '1']])
      return
    }
    let phase: ErrorContext['phase'] = 'route'
    const opened = this.#open(candidate, data, error => this.#options.report(error, { phase, socket: opened.socket }))
    const { socket, session, head } = opened
    this.#owner.opened(socket, session)
    runRoute(candidate.route.run, socket, session, now => {
      phase = now
    })
    session.connection.start(head)
  }

  #open({ upgrade, route, offer, request }: Candidate, data: unknown, report: (error: unknown) => void): Opened {
    const protocol = chooseProtocol(offer.protocols, route.protocols)
    const { limits } = route
    const { header, extensions, compression } = chooseExtensions(offer.extensions, route.compression)
    const fields: Field[] = acceptFields(offer.key, { protocol, extensions: header }, nodeRuntime.crypto)
    const { transport, head } = upgrade.accept(fields)
    const session = new Session({ role: 'server', transport, runtime: nodeRuntime, limits, compression }, report)
    const { signal: _signal, raw: _raw, ...opening } = request
    const socket = new ServerSocket([session, { protocol: protocol ?? '', extensions }], opening, data)
    return { socket, session, head }
  }
}

interface Opened {
  readonly socket: ServerSocket
  readonly session: Session
  readonly head: Uint8Array
}

function prepare(route: ResolvedRoute, budget: ContextBudget): Prepared {
  const settings = resolveDeflate(route.deflate, DEFLATE_RULES)
  const { maxMessage } = route.limits
  const compression = settings && { engine: nodeDeflate(), settings, maxMessage, budget }
  return { ...route, allows: originCheck(route.origin), compression }
}
