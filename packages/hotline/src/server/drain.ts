/** How a server ends: it is unready first, then takes nobody in, then closes socket by socket, and at last cuts what is left. */
import { type Deferred, deferred } from '../connection/deferred.ts'
import type { Runtime } from '../connection/runtime.ts'
import { CloseCode } from '../protocol/close.ts'
import type { GiveUp, Unavailable } from './acceptor.ts'
import type { CloseReport, Plan } from './closing.ts'
import type { Ending, RouteSession } from './run.ts'

/** What a drain has to do with. */
export interface Drained {
  readonly sessions: ReadonlySet<RouteSession>
  /** What ends each decision that is still to be made. */
  readonly undecided: ReadonlySet<GiveUp>
  /** Cuts everything. */
  terminate(): void
}

type Finish = (late: Promise<void>) => Promise<void>

/** The time at the end that belongs to the closing handshakes. */
const HANDSHAKES = 1_000

const CLOSING = 'the server is closing'
const RESTARTING = 'the server is closing, connect again'

/** How many values a random key has. */
const KEYS = 2 ** 32

export class Drain {
  readonly #plan: Plan
  readonly #drained: Drained
  readonly #runtime: Runtime
  readonly #start: number
  /** The last moment for handlers: they are not waited for any more. */
  readonly #late = deferred<void>()
  /** Nothing is left to be closed, so that nothing needs to be waited for. */
  readonly #over = deferred<void>()
  /** The last moment of all: everything was cut. */
  readonly #last = deferred<void>()
  readonly #report: Deferred<CloseReport> = deferred()
  readonly #ends: Record<'closed' | 'left' | 'terminated', number> = { closed: 0, left: 0, terminated: 0 }
  /** What was cut, by us. */
  readonly #cut = new Set<RouteSession>()
  #refuses = false
  #refused = 0
  #unfinished = 0

  constructor(plan: Plan, drained: Drained, runtime: Runtime) {
    this.#plan = plan
    this.#drained = drained
    this.#runtime = runtime
    this.#start = runtime.clock.now()
  }

  /** Why nobody is taken in any more; undefined while there is only notice. Called for each request, which is counted. */
  refusal(): Unavailable | undefined {
    if (!this.#refuses) return undefined
    this.#refused++
    return this.#unavailable
  }

  /** There are no sockets any more. */
  empty(): void {
    if (this.#refuses) this.#over.resolve()
  }

  /** Everything is about to be cut. */
  cut(): void {
    for (const session of this.#drained.sessions) this.#cut.add(session)
    this.#over.resolve()
    this.#last.resolve()
  }

  get report(): Promise<CloseReport> {
    return this.#report.promise
  }

  /** @param finish - ends what is below, when no socket is left; it waits for nothing once it is late */
  begin(finish: Finish): void {
    this.#run(finish).then(this.#report.resolve, this.#report.reject)
  }

  async #run(finish: Finish): Promise<CloseReport> {
    const { clock } = this.#runtime
    const { within, notice, spread } = this.#plan
    const rest = within - notice - spread
    const timers = [
      clock.setTimeout(() => this.#drained.terminate(), within),
      clock.setTimeout(() => this.#late.resolve(), notice + spread + Math.max(rest / 2, rest - HANDSHAKES)),
    ]
    if (notice > 0) await this.#sleep(notice)
    this.#refuse()
    const sessions = new Set([...this.#drained.sessions, ...this.#cut])
    await this.#closeAll(shuffled([...sessions], this.#runtime.randomKey))
    await finish(this.#last.promise)
    for (const timer of timers) timer.clear()
    const seconds = Math.round(clock.now() - this.#start) / 1000
    return { ...this.#ends, unfinished: this.#unfinished, refused: this.#refused, seconds }
  }

  get #unavailable(): Unavailable {
    return { outcome: 'draining', reason: CLOSING, after: (this.#plan.retryAfter ?? 0) / 1000 }
  }

  #refuse(): void {
    this.#refuses = true
    for (const giveUp of this.#drained.undecided) {
      this.#refused++
      giveUp(this.#unavailable)
    }
  }

  /** Each has its moment, and those between two are as long; who has gone meanwhile leaves his empty. */
  async #closeAll(sessions: readonly RouteSession[]): Promise<void> {
    const { clock } = this.#runtime
    const { spread } = this.#plan
    const first = clock.now()
    const step = spread / sessions.length
    const ending: Promise<void>[] = []
    for (const [turn, session] of sessions.entries()) {
      const wait = first + turn * step - clock.now()
      if (wait > 0) await this.#sleep(wait)
      ending.push(this.#close(session))
    }
    await Promise.all(ending)
  }

  /** Lets the handler finish, then closes. */
  async #close(session: RouteSession): Promise<void> {
    const late = this.#late.promise
    const idle = session.whenIdle().then(() => true)
    const isIdle = await Promise.race([idle, session.whenClosed, late])
    const end = this.#endOf(session)
    if (isIdle !== true && end !== 'left') this.#unfinished++
    if (end === undefined) session.end(this.#ending)
    const { clean } = await session.whenClosed
    this.#ends[end ?? (clean ? 'closed' : 'terminated')]++
    // Its close handler too.
    await Promise.race([session.whenIdle(), late])
  }

  /** How it has ended; undefined while it is open. */
  #endOf(session: RouteSession): 'left' | 'terminated' | undefined {
    if (session.result === undefined) return undefined
    return this.#cut.has(session) ? 'terminated' : 'left'
  }

  get #ending(): Ending {
    const { retryAfter } = this.#plan
    if (retryAfter === undefined) return { code: CloseCode.goingAway, reason: CLOSING, retryAfter }
    const random = (this.#runtime.randomKey() >>> 0) / KEYS
    return { code: CloseCode.serviceRestart, reason: RESTARTING, retryAfter: retryAfter * (1 + random / 2) }
  }

  /** Until then, or until nothing is left to wait for. */
  async #sleep(ms: number): Promise<void> {
    let timer: { clear(): void } | undefined
    const slept = new Promise<void>(resolve => {
      timer = this.#runtime.clock.setTimeout(resolve, ms)
    })
    await Promise.race([slept, this.#over.promise])
    timer?.clear()
  }
}

/** Each order is as likely as any other: from the last place on, each gets one of those that have none yet. */
function shuffled<T>(all: T[], random: () => number): T[] {
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(((random() >>> 0) / KEYS) * (last + 1))
    ;[all[last], all[other]] = [all[other] as T, all[last] as T]
  }
  return all
}
