/** All nodes are replaced, one after the other, while they publish and are read: what is lost, and how long was anybody without a line? */
import { Run } from './nodes/run.mjs'

/** @param {import('./nodes/run.mjs').How} how */
export async function chaosOfRolling(how) {
  const run = await Run.begin(how)
  try {
    await run.publish(
      Array.from({ length: how.nodes }, (_, index) => ({
        at: (index + 1) / (how.nodes + 2),
        what: () => replace(run, index),
      })),
    )
    const drained = run.fleet.nodes.slice(0, how.nodes).map(({ drained }) => drained)
    return { ...(await run.finish()), drained }
  } finally {
    await run.close()
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
