/** Three nodes and an engine, of which one is killed in the middle, and the other halted: does everybody still see all of it, once? */
import { Run, sleep } from './nodes/run.mjs'
import { Random } from './random.mjs'

/** What is done to the engine. @typedef {'none' | 'restart' | 'crash' | 'pause' | 'cut'} Harm */
/** @typedef {import('./nodes/run.mjs').How & { engine: Harm, replace: boolean, away: number }} KillHow */

/** @type {Record<Exclude<Harm, 'none'>, (run: Run, away: number) => Promise<void>>} */
const HARMS = {
  async restart(run, away) {
    run.note('the engine is stopped')
    await run.engine?.stop('SIGTERM')
    await sleep(away)
    await run.engine?.start()
    run.note('the engine is started')
  },
  async crash(run, away) {
    run.note('the engine is killed')
    await run.engine?.stop('SIGKILL')
    await sleep(away)
    await run.engine?.start()
    run.note('the engine is started')
  },
  async pause(run, away) {
    run.note('the engine is halted')
    run.engine?.halt()
    await sleep(away)
    run.engine?.goOn()
    run.note('the engine goes on')
  },
  async cut(run, away) {
    run.note('the first node is cut off from the engine')
    run.way?.cut()
    await sleep(away)
    run.way?.mend()
    run.note('the first node reaches the engine again')
  },
}

/** @param {KillHow} how */
export async function chaosOfKill(how) {
  const { engine, replace, away, seed } = how
  const random = new Random(seed)
  // Not the first one, which may be cut off.
  const victim = 1 + random.below(how.nodes - 1)
  const run = await Run.begin(how)
  try {
    let killed = Promise.resolve()
    const kill = { at: (30 + random.below(15)) / 100, what: () => (killed = killOne(run, victim, replace)) }
    const harm = {
      at: (55 + random.below(10)) / 100,
      async what() {
        // Without the engine none could take its place.
        await killed
        if (engine !== 'none') await HARMS[engine](run, away)
      },
    }
    await run.publish([kill, harm])
    return { ...(await run.finish()), engine, killed: victim, replaced: replace }
  } finally {
    await run.close()
  }
}

/** @param {Run} run @param {number} index @param {boolean} replace */
async function killOne(run, index, replace) {
  const node = run.fleet.nodes[index]
  await node?.end('SIGKILL')
  run.note(`node ${index} is killed, which had given ${node?.given}`)
  run.spread()
  if (!replace) return
  await sleep(1_000)
  const { index: next } = await run.grow()
  run.note(`node ${next} is in its place`)
}
