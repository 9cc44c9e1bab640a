/** One attack on one target: before, meanwhile, afterwards. */

import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FIN, frame, op } from './line/frame.mjs'
import { Line } from './line/line.mjs'
import { Helper, NICE, Target } from './processes.mjs'
import { missesOf, permitted } from './verdict.mjs'

/** @typedef {import('./types.ts').Plan} Plan */
/** @typedef {import('./types.ts').Victim} Victim */
/** @typedef {import('./types.ts').Finding} Finding */
/** @typedef {{ quick: boolean, most: number }} How most: connections at once that the machine allows */

const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const SEED = 20_261_123
/** Seconds in which polite clients are heard before the attack. */
const QUIET = 700

/** Seconds that ws is watched, unless a plan says more. */
const WATCHED = 2

/** The command line of who is attacked. @param {Plan} plan @param {Victim} victim */
function commandOf({ side, tls = false, deflate = false, serve = [] }, victim) {
  if (side === 'client') return [file('./targets/client.mjs'), victim]
  if (victim === 'ws') return [file('./targets/ws.mjs'), JSON.stringify({ tls, deflate })]
  const own = ['--port', '0', '--quiet', '--log', 'json', ...(tls ? ['--tls-self-signed'] : []), ...serve]
  return [file('../packages/cli/dist/bin.js'), 'serve', ...own]
}

/** What tells two targets apart: attacks of the short form share one that is alike. @param {Plan} plan @param {Victim} victim */
export const kindOf = (plan, victim) => commandOf(plan, victim).join(' ')

/** How large the attack is here. @param {Plan} plan @param {Victim} victim @param {How} how @returns {import('./types.ts').Scale} */
function scaleOf(plan, victim, { quick, most }) {
  const { count, seconds } = quick ? plan.quick : plan.full
  const watched = victim === 'ws' && !quick ? Math.min(seconds, plan.watched ?? WATCHED) : seconds
  return { count: Math.min(count, most), seconds: watched }
}

/** A server or a client that was used for a while, and polite clients beside it. */
export class Scene {
  target
  /** @type {Helper | undefined} */
  polite
  #side

  /** @param {Plan} plan @param {Victim} victim */
  constructor(plan, victim) {
    this.target = new Target(commandOf(plan, victim))
    this.#side = plan.side ?? 'server'
  }

  async start() {
    await this.target.start()
    if (this.#side === 'client') return this
    this.polite = new Helper('./polite.mjs', this.target.address)
    await this.polite.ask('warm')
    await this.polite.ask('start')
    return this
  }

  /** Whether a newcomer is served. */
  async serves() {
    if (this.target.ended !== undefined) return false
    const line = new Line(this.target.address, true)
    if (this.#side === 'client') return line.connected().finally(() => line.leave())
    if (await line.shake()) await line.write(frame(FIN | op.text, 'still there?'))
    const served = await line.until(() => line.got.some(({ payload }) => String(payload) === 'still there?'), 5_000)
    line.leave()
    return served
  }

  /** Lines that hotline counts when the attackers have gone, beside the polite ones. @param {number} most times that it is looked */
  async left(most) {
    let left = 0
    for (let tries = 0; tries < most; tries++) {
      const line = new Line(this.target.address)
      await line.connected()
      await line.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      await Promise.race([line.ended, sleep(2_000)])
      left = Number(/"sockets":(\d+)/.exec(line.body)?.[1] ?? Number.NaN) - 4
      line.leave()
      if (left <= 0) break
      await sleep(100)
    }
    return left
  }

  async stop() {
    await this.polite?.stop()
    await this.target.stop()
  }
}

/** The process that attacks; the short form has one for all. @type {Helper | undefined} */
let attacker

async function attackerReady() {
  if (attacker !== undefined) return attacker
  attacker = new Helper('./attacker.mjs', {}, { nice: NICE })
  await attacker.hears(20_000)
  return attacker
}

/** Ends the process that attacks. */
export async function dismiss() {
  await attacker?.stop()
  attacker = undefined
}

/**
 * @param {Plan} plan
 * @param {Victim} victim
 * @param {How} how
 * @param {Scene} scene
 * @returns {Promise<Finding>}
 */
export async function measure(plan, victim, how, scene) {
  const { target, polite } = scene
  const scale = scaleOf(plan, victim, how)
  const orders = { name: plan.name, ...target.address, ...scale, victim, seed: SEED }
  const attacking = await attackerReady()
  const quiet = how.quick ? undefined : await quietly(polite)
  await polite?.ask('begin')
  const before = target.memory
  target.watch()
  /** @type {import('./types.ts').Spoils | undefined} */
  const spoils = await attacking.ask(orders, scale.seconds * 1_000 + (how.quick ? 15_000 : 40_000))
  const during = await polite?.ask('look')
  const peak = target.peak()
  if (!how.quick || spoils === undefined) await dismiss()
  const left =
    victim === 'hotline' && plan.side === undefined && !target.ended
      ? await scene.left(plan.lingers && how.quick ? 1 : 50)
      : undefined
  const serves = await scene.serves()
  if (!how.quick) await sleep(300)
  const memory = { before, peak, after: target.memory, permitted: permitted(plan, scale) }
  /** @type {Omit<Finding, 'misses'>} */
  const finding = {
    name: plan.name,
    victim,
    ...(spoils ?? { outcomes: {}, faults: ['the attack did not end in time'], done: {}, seconds: 0 }),
    memory,
    ...(quiet === undefined ? {} : { quiet }),
    ...(during === undefined ? {} : { during }),
    serves,
    ...(left === undefined ? {} : { left }),
    ...(target.ended === undefined ? {} : { ended: target.ended }),
    said: target.said,
    attempts: 1,
  }
  return { ...finding, misses: missesOf(plan, finding, how.quick) }
}

/** @param {Helper | undefined} polite @returns {Promise<import('./types.ts').Wait | undefined>} */
async function quietly(polite) {
  await sleep(200)
  await polite?.ask('begin')
  await sleep(QUIET)
  return polite?.ask('look')
}
