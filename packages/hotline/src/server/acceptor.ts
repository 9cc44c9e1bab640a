/** From an upgrade request to an open socket, step by step; each step may refuse. RFC 6455 §4.2.2 */

import type { ConnectionParts } from '../connection/connection.ts'
import { ContextBudget } from '../connection/contexts.ts'
import { DEFLATE_RULES, resolveDeflate } from '../connection/deflate-options.ts'
import type { Runtime } from '../connection/runtime.ts'
import { Session } from '../connection/session.ts'
import type { Agreed } from '../connection/socket.ts'
import { fitReason } from '../protocol/close.ts'
import { acceptFields, type Offer, readRequest } from '../protocol/handshake/server.ts'
import { chooseProtocol } from '../protocol/handshake/subprotocol.ts'
import { clientOf, type Trust, trustOf } from '../runtime/node/address.ts'
import type { Upgrade } from '../runtime/node/upgrade.ts'
import { nodeDeflate } from '../runtime/node/zlib-handles.ts'
import { Extensions } from './extensions.ts'
import { keep } from './kept.ts'
import { Asking } from './opening.ts'
import type { ErrorContext, ResolvedRoute, ResolvedServer } from './options.ts'
import { type OriginCheck, originCheck } from './origin.ts'
import { Refusal } from './refuse.ts'
import { requestUrl } from './request.ts'
import { Router } from './router.ts'
import { type Handlers, type Home, ServerSocket, type Verdict } from './routes.ts'
import { type RouteOwner, RouteSession } from './run.ts'
import type { LineRules } from './subprotocol/rules.ts'
import { LineSession } from './subprotocol/session.ts'
import type { ServerTopics } from './topics.ts'

/** Why a request gets 503, and the seconds after which it may come again. RFC 9110 §15.6.4 */
export interface Unavailable {
  readonly reason: string
  readonly after: number
}

/** Ends a decision: the request gets 503. */
export type GiveUp = (why: Unavailable) => void

/** What an acceptor tells the server that it works for. */
export interface AcceptorOwner {
  /** Undefined when a further socket may be accepted; else why not. */
  full(): Unavailable | undefined
  /** A request is being decided on; call the result when it is. */
  deciding(giveUp: GiveUp): () => void
  opened(session: RouteSession): void
  /** The line of an opened session has ended. */
  closed(session: RouteSession): void
}

interface Candidate {
  readonly upgrade: Upgrade
  readonly route: Prepared
  readonly offer: Offer
  /** The request as the socket is to keep it. */
  readonly kept: string
}

/** A route with its origin check and its extensions made ready. */
interface Prepared extends ResolvedRoute {
  readonly allows: OriginCheck
  readonly extensions: Extensions
}

export class Acceptor implements RouteOwner {
  readonly #options: ResolvedServer
  readonly #runtime: Runtime
  readonly #router: Router<Prepared>
  readonly #trust: Trust
  readonly #owner: AcceptorOwner
  readonly #home: Home
  readonly #topics: ServerTopics

  constructor(options: ResolvedServer, owner: AcceptorOwner, topics: ServerTopics, runtime: Runtime) {
    this.#options = options
    this.#runtime = runtime
    this.#owner = owner
    this.#topics = topics
    this.#trust = trustOf(options.trustProxy)
    const budget = new ContextBudget(options.deflateBudget, runtime.clock)
    this.#router = new Router(options.routes.map(([pattern, route]) => [pattern, prepare(route, budget)] as const))
    this.#home = { paramsOf: path => this.#router.match(path)?.params ?? {}, topics }
  }

  /** Answers a request; false when no route is for it. */
  take(upgrade: Upgrade): boolean {
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
    const { route } = match
    const offer = this.#admit(upgrade, route, url)
    if (offer === undefined) return true
    this.#authorize({ upgrade, route, offer, kept: keep(client, url, upgrade.fields) })
    return true
  }

  /** What is decided without the application. */
  #admit(upgrade: Upgrade, route: Prepared, url: URL): Offer | undefined {
    const { fields } = upgrade
    const full = this.#owner.full()
    if (full !== undefined) refuseFor(full, upgrade)
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

  #authorize(candidate: Candidate): void {
    const handlers = candidate.route.run
    if (typeof handlers === 'function' || handlers.authorize === undefined) {
      this.#accept(candidate, undefined)
      return
    }
    this.#decide(candidate, handlers).catch(error => this.#options.report(error, { phase: 'authorize' }))
  }

  /** Waits for the application's word, but not for ever, and not when nobody waits for the answer any more. */
  async #decide(candidate: Candidate, handlers: Handlers): Promise<void> {
    const { upgrade, route, kept } = candidate
    const asking = new Asking(kept, this.#home.paramsOf, upgrade.raw)
    const giveUp: GiveUp = why => {
      refuseFor(why, upgrade)
      asking.giveUp(new Error(why.reason))
      decided()
    }
    const decided = this.#owner.deciding(giveUp)
    const tooLate = { reason: `not accepted within ${route.acceptTimeout} ms (acceptTimeout)`, after: 1 }
    const late = this.#runtime.clock.setTimeout(() => giveUp(tooLate), route.acceptTimeout)
    upgrade.watch(() => {
      upgrade.drop()
      asking.giveUp(new Error('the client has gone'))
      decided()
    })
    const verdict = await this.#ask(handlers, asking)
    late.clear()
    decided()
    if (upgrade.answered) return
    if (verdict instanceof Refusal) this.#refuse(candidate, verdict)
    else this.#accept(candidate, verdict)
  }

  /** The application's word; an error is told and becomes a refusal. */
  async #ask(handlers: Handlers, asking: Asking): Promise<Verdict<unknown>> {
    try {
      const verdict = await handlers.authorize?.(asking)
      return verdict === false || verdict === null || verdict === undefined
        ? new Refusal(403, 'not authorized', {})
        : verdict
    } catch (error) {
      if (error instanceof Refusal) return error
      if (!asking.isGivenUp) this.#options.report(error, { phase: 'authorize' })
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
    const { parts, head } = this.#open(candidate)
    const session = new Session(parts, error => this.#options.report(error, { phase: 'authorize' }))
    session.deliverTo(() => {}, undefined)
    session.connection.close(4000 + status, fitReason(reason, this.#runtime.codec))
    session.connection.start(head)
  }

  #accept(candidate: Candidate, data: unknown): void {
    const full = this.#owner.full()
    if (full !== undefined) {
      refuseFor(full, candidate.upgrade)
      return
    }
    const { parts, agreed, head } = this.#open(candidate)
    const rules = candidate.route.lines.get(agreed.protocol)
    const session = rules === undefined ? new RouteSession(parts, this) : this.#lineSession(parts, rules)
    const socket = new ServerSocket([session, agreed], [candidate.kept, this.#home], data)
    this.#owner.opened(session)
    session.run(candidate.route.run, socket)
    session.connection.start(head)
  }

  #lineSession(parts: ConnectionParts, rules: LineRules): RouteSession {
    const { heartbeat } = parts.limits
    return new LineSession(parts, this, { rules, topics: this.#topics, heartbeat: heartbeat ? heartbeat.interval : 0 })
  }

  /** Answers with 101. */
  #open({ upgrade, route, offer }: Candidate): Opened {
    const { limits, extensions } = route
    const protocol = chooseProtocol(offer.protocols, route.protocols)
    const text = upgrade.fields.get('sec-websocket-extensions') ?? ''
    const { header, agreed, compression } = extensions.choose(offer.extensions, text, protocol ?? '')
    const fields = acceptFields(offer.key, { protocol, extensions: header }, this.#runtime.crypto)
    const { transport, head } = upgrade.accept(fields)
    return { parts: { role: 'server', transport, runtime: this.#runtime, limits, compression }, agreed, head }
  }

  // RouteOwner

  failed(error: unknown, context: ErrorContext): void {
    this.#options.report(error, context)
  }

  closed(session: RouteSession): void {
    this.#owner.closed(session)
  }
}

/** In whole seconds, and never 0: who is asked to come back at once would do so again and again. RFC 9110 §10.2.3 */
function refuseFor({ reason, after }: Unavailable, upgrade: Upgrade): void {
  upgrade.refuse(503, reason, [['Retry-After', `${Math.max(1, Math.ceil(after))}`]])
}

interface Opened {
  readonly parts: ConnectionParts
  readonly agreed: Agreed
  readonly head: Uint8Array
}

function prepare(route: ResolvedRoute, budget: ContextBudget): Prepared {
  const settings = resolveDeflate(route.deflate, DEFLATE_RULES)
  const { maxMessage } = route.limits
  const terms = settings && { engine: nodeDeflate(), settings, maxMessage, budget }
  return { ...route, allows: originCheck(route.origin), extensions: new Extensions(terms) }
}
