/** From an upgrade request to an open socket, step by step; each step may refuse. RFC 6455 §4.2.2 */

import type { ConnectionParts } from '../connection/connection.ts'
import { ContextBudget } from '../connection/contexts.ts'
import { DEFLATE_RULES, resolveDeflate } from '../connection/deflate-options.ts'
import type { Runtime } from '../connection/runtime.ts'
import { Session } from '../connection/session.ts'
import type { Agreed } from '../connection/socket.ts'
import { type Closed, fitReason } from '../protocol/close.ts'
import type { Field } from '../protocol/handshake/fields.ts'
import { acceptFields, type Offer, readRequest } from '../protocol/handshake/server.ts'
import { chooseProtocol } from '../protocol/handshake/subprotocol.ts'
import { clientOf, type Trust, trustOf } from '../runtime/node/address.ts'
import type { Upgrade } from '../runtime/node/upgrade.ts'
import { nodeDeflate } from '../runtime/node/zlib-handles.ts'
import { Extensions } from './extensions.ts'
import { keep } from './kept.ts'
import type { Answer, Knock, Observer } from './observer.ts'
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
  readonly outcome: 'draining' | 'full' | 'timeout'
  readonly reason: string
  readonly after: number
}

/** Ends a decision: the request gets 503. */
export type GiveUp = (why: Unavailable) => void

/** What an acceptor tells the server that it works for. */
export interface AcceptorOwner {
  /** Undefined when a further socket may be accepted; else why not. */
  full(): Unavailable | undefined
  readonly observer: Observer
  /** A request is being decided on; call the result when it is. */
  deciding(giveUp: GiveUp): () => void
  opened(session: RouteSession): void
  /** A line is open only to be told no. */
  refusing(session: Session): void
  /** The line of an opened session has ended. */
  closed(session: RouteSession, result: Closed): void
}

interface Candidate {
  readonly knock: Knock
  readonly upgrade: Upgrade
  readonly route: Prepared
  readonly offer: Offer
  /** The request as the socket is to keep it. */
  readonly kept: string
}

interface Asked {
  readonly client: ReturnType<typeof clientOf>
  readonly url: URL | undefined
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
  /** What its compression may remember. */
  readonly budget: ContextBudget

  constructor(options: ResolvedServer, owner: AcceptorOwner, topics: ServerTopics, runtime: Runtime) {
    this.#options = options
    this.#runtime = runtime
    this.#owner = owner
    this.#topics = topics
    this.#trust = trustOf(options.trustProxy)
    this.budget = new ContextBudget(options.deflateBudget, runtime.clock)
    this.#router = new Router(options.routes.map(([pattern, route]) => [pattern, prepare(route, this.budget)] as const))
    const paramsOf = (path: string) => this.#router.match(path)?.params ?? {}
    this.#home = { paramsOf, topics, clock: runtime.clock }
  }

  /** Answers a request; false when no route is for it. */
  take(upgrade: Upgrade): boolean {
    const asked = this.#read(upgrade)
    const { client, url } = asked
    const match = url && this.#router.match(url.pathname)
    if (url !== undefined && match === undefined) return false
    const knock = this.#knock(upgrade, asked)
    if (url === undefined || match === undefined) {
      this.#turnAway(upgrade, knock, malformed('the request target or Host is not valid'))
      return true
    }
    const { route } = match
    const offer = this.#admit(upgrade, route, url)
    if ('outcome' in offer) this.#turnAway(upgrade, knock, offer)
    else this.#authorize({ knock, upgrade, route, offer, kept: keep(client, url, upgrade.fields) })
    return true
  }

  /** Says no to a request for which neither this nor anybody else has a route. */
  missed(upgrade: Upgrade): void {
    this.#turnAway(upgrade, this.#knock(upgrade, this.#read(upgrade)), UNKNOWN)
  }

  /** Who asks, and for what; undefined where the request has no URL. */
  #read({ peerAddress: address, encrypted, fields, target }: Upgrade): Asked {
    const client = clientOf({ address, encrypted, fields }, this.#trust)
    return { client, url: requestUrl(target, client.host ?? '', client.encrypted) }
  }

  #knock({ fields }: Upgrade, { client, url }: Asked): Knock {
    const since = this.#runtime.clock.now()
    return { id: this.#owner.observer.next(), since, address: client.address, url, origin: fields.get('origin') }
  }

  /** What is decided without the application. */
  #admit(upgrade: Upgrade, route: Prepared, url: URL): Offer | Denial {
    const { fields } = upgrade
    const full = this.#owner.full()
    if (full !== undefined) return later(full)
    if (fields.size > this.#options.maxHeaders) {
      const reason = `more than ${this.#options.maxHeaders} header fields (maxHeaders)`
      return { outcome: 'headers', status: 431, reason }
    }
    const offer = readRequest(upgrade)
    if (!('key' in offer)) return { outcome: 'malformed', ...offer }
    if (!this.#originPasses(fields.all('origin'), route, url))
      return { outcome: 'origin', status: 403, reason: 'this origin may not connect' }
    return offer
  }

  /** Says no, once. */
  #turnAway(upgrade: Upgrade, knock: Knock, { fields = [], ...answer }: Denial): void {
    if (upgrade.answered) return
    upgrade.refuse(answer.status, answer.reason, fields)
    this.#owner.observer.answered(knock, answer)
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
    const { upgrade, route, kept, knock } = candidate
    const asking = new Asking(kept, this.#home.paramsOf, upgrade.raw)
    const end = (reason: string): void => {
      asking.giveUp(new Error(reason))
      decided()
    }
    const giveUp: GiveUp = why => {
      this.#turnAway(upgrade, knock, later(why))
      end(why.reason)
    }
    const decided = this.#owner.deciding(giveUp)
    const reason = `not accepted within ${route.acceptTimeout} ms (acceptTimeout)`
    const late = (): void => giveUp({ outcome: 'timeout', reason, after: 1 })
    const timer = this.#runtime.clock.setTimeout(late, route.acceptTimeout)
    upgrade.watch(() => {
      upgrade.drop()
      this.#owner.observer.answered(knock, GONE)
      end(GONE.reason)
    })
    const verdict = await this.#ask(handlers, asking)
    timer.clear()
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
      return FAILED
    }
  }

  /** By status, or so that a page can see it: open, then close with 4000 + status. */
  #refuse(candidate: Candidate, refusal: Refusal): void {
    const { upgrade, route, knock } = candidate
    const { status, reason, headers } = refusal
    const answer = { outcome: refusal === FAILED ? 'failed' : 'authorize', status, reason } as const
    if (route.refuseBy === 'status') {
      this.#turnAway(upgrade, knock, { ...answer, fields: Object.entries(headers) })
      return
    }
    this.#owner.observer.answered(knock, answer)
    const { parts, head } = this.#open(candidate)
    const session = new Session(parts, error => this.#options.report(error, { phase: 'authorize' }))
    session.deliverTo(() => {}, undefined)
    this.#owner.refusing(session)
    session.connection.close(4000 + status, fitReason(reason, this.#runtime.codec))
    session.connection.start(head)
  }

  #accept(candidate: Candidate, data: unknown): void {
    const { knock, kept, upgrade } = candidate
    const full = this.#owner.full()
    if (full !== undefined) {
      this.#turnAway(upgrade, knock, later(full))
      return
    }
    const { parts, agreed, head } = this.#open(candidate)
    const rules = candidate.route.lines.get(agreed.protocol)
    const session = rules === undefined ? new RouteSession(parts, this) : this.#lineSession(parts, rules)
    const socket = new ServerSocket([session, agreed], { kept, home: this.#home, id: knock.id }, data)
    this.#owner.opened(session)
    this.#owner.observer.answered(knock, ACCEPTED)
    this.#owner.observer.opened(socket)
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

  closed(session: RouteSession, result: Closed): void {
    this.#owner.closed(session, result)
  }

  roundTrip(ms: number): void {
    this.#owner.observer.roundTrip(ms)
  }
}

/** An answer that is no, as it goes out. */
interface Denial extends Answer {
  readonly status: number
  readonly fields?: readonly Field[]
}

const ACCEPTED: Answer = { outcome: 'accepted', status: 101, reason: '' }
const UNKNOWN: Denial = { outcome: 'unknown', status: 404, reason: 'no WebSocket here' }
const GONE: Answer = { outcome: 'gone', reason: 'the client has gone' }
const FAILED = new Refusal(500, 'the server failed', {})

const malformed = (reason: string): Denial => ({ outcome: 'malformed', status: 400, reason })

/** In whole seconds, and never 0: who is asked to come back at once would do so again and again. RFC 9110 §10.2.3 */
const later = ({ after, ...why }: Unavailable): Denial => ({
  ...{ ...why, status: 503 },
  fields: [['Retry-After', `${Math.max(1, Math.ceil(after))}`]],
})

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
