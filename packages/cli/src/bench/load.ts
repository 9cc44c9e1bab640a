/** The load of one thread: opens its lines, keeps messages in flight on them, and counts what comes back. */
import type { ClientSocket, Closed } from 'hotline/client'
import { clock } from './clock.ts'
import { Gauge } from './gauge.ts'
import { Latency } from './latency.ts'
import { Line, type LineOwner } from './line.ts'
import { Opener } from './opening.ts'
import { Pacer } from './pacer.ts'
import { Payloads } from './payloads.ts'
import { connectionsOf, type Share } from './plan.ts'
import { type Counts, combine, noCounts, type Opening, type Result, type Trouble, Troubles } from './tally.ts'

export type Phase = 'opening' | 'warming up' | 'measuring' | 'last answers' | 'closing'

/** What there is to see while it runs. */
export interface Progress {
  readonly phase: Phase
  readonly open: number
  readonly counts: Counts
  readonly troubles: number
  /** A sample of the latencies since the last one, in milliseconds. */
  readonly recent: Float64Array
}

/** Milliseconds between two looks at what stalls, and two reports of the progress. */
const BEAT = 250
/** The latencies of a beat that the live view makes its percentiles of. */
const RECENT = 2048
/** So many messages that are no answers, and it is plain that the server is no echo. */
const FOREIGN = 1000
/** Milliseconds that the metronome of an open loop has to start in. */
const METRONOME = 100
/** When a person ends the run, the last answers have so long. */
const HURRY = 2_000
/** Milliseconds after which it is plain that the server is no echo when nothing but foreign messages came. */
const PATIENCE = 2_000

export class Load implements LineOwner {
  readonly payloads: Payloads
  readonly counts = noCounts()
  readonly #share: Share
  readonly #tell: (progress: Progress) => void
  readonly #opener: Opener
  readonly #lines: Line[] = []
  readonly #troubles = new Troubles()
  readonly #latency = new Latency()
  readonly #lateness = new Latency()
  readonly #recent = new Float64Array(RECENT)
  #recentCount = 0
  #phase: Phase = 'opening'
  #pacer: Pacer | undefined
  #sending = false
  #open = 0
  #lost = 0
  #started = 0
  /** Messages that were meant to be sent from then on are measured. */
  #measuredFrom = Number.POSITIVE_INFINITY
  #gaveUp = false
  /** Ends the wait that is going on. */
  #wake = (): void => {}
  #stopped = false

  constructor(share: Share, tell: (progress: Progress) => void) {
    this.#share = share
    this.#tell = tell
    this.payloads = new Payloads(share.plan.size, share.plan.binary)
    this.#opener = new Opener(share, {
      opened: socket => this.#opened(socket),
      failed: trouble => this.#troubles.add(trouble),
    })
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles.list
  }

  async open(): Promise<Opening> {
    const beat = setInterval(() => this.#report(), BEAT)
    try {
      return await this.#opener.run()
    } finally {
      clearInterval(beat)
    }
  }

  /** Ends early: what is in flight is still waited for. */
  stop(): void {
    this.#stopped = true
    this.#opener.stop()
    this.#wake()
  }

  /** Warms up, measures, waits for the last answers, and closes. */
  async run(opening: Opening): Promise<Result> {
    const { warmup, duration, timeout } = this.#share.plan
    const beat = setInterval(() => this.#beat(), BEAT)
    if (warmup === 0) this.#measuredFrom = 0
    await this.#start()
    this.#phase = 'warming up'
    await this.#wait(warmup)
    const measured = await this.#measure(duration)
    this.#phase = 'last answers'
    await this.#pacer?.stop()
    this.#sending = false
    const patience = this.#stopped ? Math.min(timeout, HURRY) : timeout
    await this.#settled(patience)
    const unsent = this.#dropBacklog()
    if (unsent > 0) await this.#settled(patience)
    for (const line of this.#lines) this.#leave(line)
    this.#phase = 'closing'
    clearInterval(beat)
    await this.#close()
    return {
      opening,
      ...measured,
      lost: this.#lost,
      totals: { ...this.counts },
      latency: this.#latency.buckets,
      lateness: this.#lateness.buckets,
      unsent,
      troubles: this.#troubles.list,
      ended: this.#gaveUp ? 'gave up' : this.#stopped ? 'stopped' : 'done',
    }
  }

  // LineOwner

  answered(line: Line, intended: number): void {
    const now = clock()
    if (intended >= this.#measuredFrom) this.#latency.record(now - intended)
    this.#recent[this.#recentCount++ % RECENT] = now - intended
    if (this.#pacer !== undefined) {
      this.#pacer.catchUp(line)
      this.#pacer.pump(now)
    } else if (this.#sending && line.free) line.send(now)
  }

  #opened(socket: ClientSocket): void {
    const line = new Line(socket, this.#lines.length, this.#share.plan.pipeline, this)
    this.#lines.push(line)
    this.#open++
    socket.closed.then(closed => this.#ended(line, closed))
  }

  /** Fulfilled when the first message is due. */
  async #start(): Promise<void> {
    const { plan, thread } = this.#share
    this.#sending = true
    this.#started = clock()
    if (this.#lines.length === 0) return
    if (plan.rate === undefined) {
      for (const line of this.#lines) while (line.free) line.send(clock())
      return
    }
    const interval = (1000 * plan.connections) / connectionsOf(this.#share) / plan.rate
    const start = this.#started + METRONOME + (interval * thread) / plan.threads
    this.#pacer = new Pacer(this.#lines, { start, interval }, this.#lateness)
    await this.#wait(METRONOME)
  }

  async #measure(duration: number): Promise<Pick<Result, 'measured' | 'effort'>> {
    this.#phase = 'measuring'
    const before = { ...this.counts }
    const gauge = new Gauge()
    this.#measuredFrom = Math.min(this.#measuredFrom, clock())
    await this.#wait(duration)
    return { effort: gauge.read(), measured: combine(this.counts, before, (after, before) => after - before) }
  }

  /** Waits so long, or until it is stopped or no line is left. */
  #wait(milliseconds: number): Promise<void> {
    if (this.#stopped || this.#open === 0 || milliseconds === 0) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#wake(), milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Waits until nothing is in flight and nothing due is unsent. */
  async #settled(timeout: number): Promise<void> {
    const deadline = clock() + timeout
    const busy = (line: Line): boolean => !line.left && (line.inFlight > 0 || line.due > line.sent)
    while (this.#lines.some(busy) && clock() < deadline && !this.#gaveUp) {
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }

  /** Sends nothing more of what was due. Returns how much that is. */
  #dropBacklog(): number {
    let dropped = 0
    for (const line of this.#lines) {
      dropped += Math.max(0, line.due - line.sent)
      line.due = line.sent
    }
    return dropped
  }

  #beat(): void {
    this.#report()
    const now = clock()
    const { timeout } = this.#share.plan
    for (const line of this.#lines) if (!line.left && line.stalled(now, timeout)) this.#leave(line)
    const { foreign, greetings, answered } = this.counts
    const strange = foreign - greetings
    const late = answered === 0 && now - this.#started > PATIENCE
    if (strange < (late ? 1 : Math.max(FOREIGN, answered / 10))) return
    this.#gaveUp = true
    this.stop()
  }

  #report(): void {
    const recent = this.#recent.slice(0, Math.min(this.#recentCount, RECENT))
    this.#recentCount = 0
    this.#tell({
      phase: this.#phase,
      open: this.#open,
      counts: { ...this.counts },
      troubles: this.#troubles.total,
      recent,
    })
  }

  /** Expects nothing more of it; it is cut when messages are still in flight. */
  #leave(line: Line): void {
    if (line.left) return
    const count = line.giveUp()
    if (count === 0) return
    const { timeout } = this.#share.plan
    const message = `no answer within ${timeout / 1000} s (--timeout)`
    if (!this.#stopped) this.#troubles.add({ kind: 'no answer', message, count })
    line.socket.terminate()
  }

  #ended(line: Line, closed: Closed): void {
    this.#open--
    if (!line.left) {
      this.#lost++
      line.giveUp()
      this.#troubles.add(troubleOf(closed))
    }
    if (this.#open === 0) this.#wake()
  }

  async #close(): Promise<void> {
    this.#report()
    await Promise.all(this.#lines.map(({ socket }) => socket.close()))
  }
}

/** A line that ended before it was to. */
function troubleOf({ code, reason, received, error }: Closed): Trouble {
  const told = reason === '' ? '' : `: ${reason}`
  if (received !== undefined)
    return { kind: `closed ${code}`, message: `the server closed with ${code}${told}`, count: 1 }
  const why = error?.message ?? 'the connection was lost'
  return { kind: code === 1006 ? 'lost' : `failed ${code}`, message: why, count: 1 }
}
