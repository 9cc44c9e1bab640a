/** What an attack may cost, and what was missed of it. */

/** @typedef {import('./types.ts').Plan} Plan */
/** @typedef {import('./types.ts').Finding} Finding */

const MIB = 1_048_576

/** What every attack may add to a process, beside what the limits permit. */
export const ROOM = 32 * MIB
/** A short form runs on a machine that does other things, after other attacks on the same process. */
const SLACK = 32 * MIB

/** Polite clients may wait so many times as long as without the attack; less than a millisecond counts as one. */
const TIMES = 5
const FLOOR = 1

/** What the limits let all lines together pin. @param {Plan} plan @param {import('./types.ts').Scale} scale */
export const permitted = ({ permit }, { count }) => permit.each * count

/** How an attack ends by the attacker's own doing. */
const OWN = ['left']
/** Stands for the codes of applications, which a peer may choose. RFC 6455 §7.4.2 */
export const ANY_CODE = '3000 to 4999'
/** In the short form nobody waits for a deadline. */
const SHORT = [...OWN, 'held']

/**
 * @param {Plan} plan
 * @param {Omit<Finding, 'misses'>} finding
 * @param {boolean} quick
 * @returns {string[]}
 */
export function missesOf(plan, finding, quick) {
  const { memory, serves, ended, said, faults, left = 0, during } = finding
  const misses = [...faults]
  const grown = memory.peak - memory.before
  const room = memory.permitted + ROOM + (quick ? SLACK : 0)
  if (ended !== undefined) misses.push(`the process ended: ${ended}`)
  if (said !== '') misses.push(`standard error has: ${said.split('\n')[0].slice(0, 200)}`)
  if (!serves) misses.push('a newcomer was not served')
  if (during?.open === false) misses.push('a polite client lost its line')
  if (left > 0 && !plan.lingers) misses.push(`${left} lines are left`)
  if (grown > room) misses.push(`memory grew by ${mib(grown)}, and ${mib(room)} are permitted`)
  if (!quick) misses.push(...late(finding))
  if (finding.victim === 'hotline') misses.push(...odd(plan, finding, quick))
  return misses
}

/** The p99 that polite clients may see. @param {import('./types.ts').Wait} quiet */
const patience = quiet => Math.max(quiet.p99, FLOOR) * TIMES

/** @param {Pick<Finding, 'quiet' | 'during'>} finding */
export function late({ quiet, during }) {
  if (!quiet || !during || during.p99 <= patience(quiet)) return []
  return [`polite clients waited ${during.p99.toFixed(1)} ms (p99), and ${patience(quiet).toFixed(1)} are permitted`]
}

/** Lines that ended as they must not. @param {Plan} plan @param {Pick<Finding, 'outcomes'>} finding @param {boolean} quick */
function odd(plan, { outcomes }, quick) {
  const known = new Set([...plan.outcomes, ...(quick ? SHORT : OWN)])
  const right = (/** @type {string} */ outcome) =>
    known.has(outcome) || (known.has(ANY_CODE) && /^[34]\d{3}$/.test(outcome))
  const strange = Object.entries(outcomes).filter(([outcome]) => !right(outcome))
  return strange.map(([outcome, count]) => `${count} lines ended with ${outcome}`)
}

export const mib = (/** @type {number} */ bytes) => `${(bytes / MIB).toFixed(0)} MiB`
