/** All nodes are replaced, one after the other, while they publish and are read: what is lost, and how long was anybody without a line? */
import { Run, sleep } from './nodes/run.mjs'

/** Milliseconds between one that has gone and the next that goes. */
const PAUSE = 500

/** @param {import('./nodes/run.mjs').How} how */
export async function chaosOfRolling(how) {
  const run = await Run.begin(how)
  try {
    await run.publish([{ at: 0.2, what: () => replaceAll(run) }])
    const drained = run.fleet.nodes.slice(0, how.nodes).map(({ drained }) => drained)
    return { ...(await run.finish()), drained }
  } finally {
    await run.close()
  }
}

/** @param {Run} run */
async function replaceAll(run) {
  for (let index = 0; index < run.how.nodes; index++) {
    await replace(run, index)
    await sleep(PAUSE)
  }
}

/** The new one is there before the old one goes. @param {Run} run @param {number} index */
async function replace(run, index) {
  const { index: next } = await run.grow()
  const node = run.fleet.nodes[index]
  run.note(`node ${next} is there for node ${index}`)
  const gone = node?.end('SIGTERM')
  // It takes nobody in any more, and publishes nothing.
  run.spread()
  await gone
  run.note(`node ${index} has drained`)
}
