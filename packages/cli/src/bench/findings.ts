/** What the figures mean, in words: what is wrong with the server, and where the client itself is in the way. */
import type { Figures } from './figures.ts'
import { count, duration, percent } from './format.ts'
import type { Plan } from './plan.ts'

/** A sentence about the run. What is wrong with the server fails the run; the others say how to read the figures. */
export interface Finding {
  readonly fails: boolean
  readonly kind: string
  readonly message: string
}

/** Says a sentence when the figures show what it is about. */
type Rule = (figures: Figures, plan: Plan) => string | undefined

/** A client that is busier than this measures itself. */
const BUSY = 0.9
/** Beyond so many milliseconds, what an open loop sends late is no longer what was asked for. */
const LATE = 10
/** The least part of the rate that has to be reached. */
const REACHED = 0.99
/** A machine that is busier than this has no cores left for both ends. */
const FULL = 0.95

const ECHO = 'name a route that sends back what it gets, such as /echo'

/** What fails a run: the server is not what this command measures, or it does not bear the load. */
const FAILURES: Readonly<Record<string, Rule>> = {
  broadcast({ totals: { sent, answered, foreign, greetings } }) {
    if (answered === 0 || !outgrows(answered, foreign - greetings)) return undefined
    const came = `${count(foreign + answered)} messages came for ${count(sent)} sent`
    return `the server sends more than it gets: ${came}, as in a room where everybody hears everybody; name a route that answers each message once, to its sender, such as /echo`
  },
  'not an echo'({ totals: { answered, foreign, greetings } }) {
    if (answered > 0 || foreign === greetings) return undefined
    return `the server is not an echo: ${count(foreign - greetings)} messages came, and none was what had been sent; ${ECHO}`
  },
  mismatch({ totals: { answered, foreign, greetings, skipped } }) {
    const strange = foreign - greetings
    if (answered === 0 || outgrows(answered, strange) || strange + skipped === 0) return undefined
    return `the server is not a clean echo: ${count(strange)} of its messages were not what had been sent, and ${count(skipped)} were overtaken by the answer to a later one`
  },
  silent({ ended, errors, totals: { sent, answered, foreign, greetings } }) {
    const waited = ended === 'stopped' || errors.some(({ kind }) => kind === 'no answer')
    if (!waited || sent === 0 || answered + foreign > greetings) return undefined
    return `the server does not answer: nothing came back for ${count(sent)} messages; ${ECHO}`
  },
  unanswered({ ended, totals: { answered, unanswered } }) {
    if (ended !== 'done' || unanswered === 0 || answered === 0) return undefined
    return `${count(unanswered)} messages were never answered; the latencies leave them out, so they look better than they were`
  },
  behind({ ended, totals: { unsent }, client: { utilization } }, { rate, pipeline }) {
    if (ended !== 'done' || unsent === 0) return undefined
    const whose = utilization > BUSY ? 'the server, or this client,' : 'the server'
    return `${whose} does not keep up with --rate ${rate}: ${count(unsent)} messages that were due were never sent, since ${count(pipeline)} were in flight on their connection or it was lost`
  },
}

/** How to read the figures. */
const NOTES: Readonly<Record<string, Rule>> = {
  'client busy'({ client: { utilization, threads, machineCores } }, { rate }) {
    if (utilization <= BUSY) return undefined
    const who = threads === 1 ? 'its thread' : 'one of its threads'
    const more = rate === undefined ? 'the server may do more messages a second than this, and ' : ''
    const lower = rate === undefined ? 'lower --connections or --pipeline' : 'lower --rate'
    return `this client was the bottleneck (${who} was busy ${percent(utilization)} of the time): ${more}part of the latency is the client's own; ${moreThreads(threads, machineCores)}${lower}, or load the server from several machines`
  },
  'client late'({ client: { lateness, threads, machineCores } }) {
    if (lateness === undefined || lateness.p99 <= LATE) return undefined
    return `this client sent late: 1 message in 100 left ${duration(lateness.p99)} or more after its time, which is part of the latency; ${moreThreads(threads, machineCores)}lower --rate, or leave this machine more to itself`
  },
  'machine busy'({ client: { machine, utilization } }) {
    if (machine <= FULL || utilization > BUSY) return undefined
    return `this machine was busy ${percent(machine)} of the time: if the server runs here too, each takes the other's cores, and the figures are about both`
  },
  'rate missed'({ ended, messagesPerSecond, totals: { unsent } }, { rate }) {
    if (rate === undefined || ended !== 'done' || unsent > 0 || messagesPerSecond >= rate * REACHED) return undefined
    return `${count(messagesPerSecond)} answers a second came for --rate ${rate}; the others came after the end, and their latencies count`
  },
  greeting({ totals: { greetings } }) {
    if (greetings === 0) return undefined
    return `${count(greetings)} messages came before anything had been sent; they count for nothing`
  },
  'not compressed'({ connections: { compressed } }, { deflate }) {
    if (!deflate || compressed) return undefined
    return 'the server did not agree to permessage-deflate: nothing was compressed'
  },
  'no subprotocol'({ connections: { protocol } }, { connecting }) {
    if (connecting.protocol === undefined || protocol !== '') return undefined
    return 'the server chose none of the subprotocols'
  },
}

/** These are about the part that is measured, so they need one. */
const OF_FIGURES = ['client busy', 'client late', 'machine busy', 'rate missed']

/** What is no answer is so much that it must come by a rule of the server, not by a fault. */
const outgrows = (answered: number, strange: number): boolean => strange > answered / 5

const moreThreads = (threads: number, cores: number): string =>
  threads < cores ? `use --threads ${Math.min(threads * 2, cores)}, ` : ''

const ADVICE: Readonly<Record<string, string>> = {
  'closed 1008': '; it has a rule against this much: look at its limits',
  'closed 1009': '; the messages are too big for it: lower --size, or raise its limit',
  'closed 1011': '; it failed inside: look at its log',
  'closed 1012': '; it restarts',
  'closed 1013': '; it sheds load: lower --connections, --pipeline or --rate',
}

/** What fails the run comes first, the connections' troubles before what follows from them. */
export function findings(plan: Plan, figures: Figures): Finding[] {
  const tell = (rules: typeof NOTES, fails: boolean): Finding[] =>
    Object.entries(rules).flatMap(([kind, rule]) => {
      if (figures.latency === undefined && OF_FIGURES.includes(kind)) return []
      const message = rule(figures, plan)
      return message === undefined ? [] : [{ fails, kind, message }]
    })
  return [...connections(figures), ...tell(FAILURES, true), ...tell(NOTES, false)]
}

/** What the command ends with. */
export const worst = (all: readonly Finding[]): Finding | undefined => all.find(({ fails }) => fails)

function connections({ errors, connections: { opened } }: Figures): Finding[] {
  return errors
    .filter(({ kind }) => kind !== 'no answer')
    .map(({ kind, message, count: times }) => {
      const what = /^(open|refused|connect) /.test(kind) ? 'could not be opened' : `of ${count(opened)} ended early`
      const who = `${count(times)} connection${times === 1 ? '' : 's'}`
      return { fails: true, kind, message: `${who} ${what}: ${message}${ADVICE[kind] ?? ''}` }
    })
}
