/**
 * `npm run ticker`: what slow readers of a topic cost and get. A thousand publications a second of fifty symbols, some of
 * the readers at a tenth of that speed, or stopped. Figures of this machine, whatever else it does.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions } from './options.mjs'
import { plots } from './plots.mjs'
import { scenes } from './scenes.mjs'
import { head, row } from './table.mjs'

/** @typedef {import('./scenes.mjs').Scene} Scene */
/** @typedef {import('./readers.mjs').Ages} Ages */
/** @typedef {Scene & { quick: Ages, late: Ages, seconds: number } & import('./server.mjs').Report} Played */

const { seconds, json, out, only } = readOptions(process.argv.slice(2))

/**
 * A program of this folder, and what it says next.
 * @param {string} name
 * @param {object} orders
 */
function start(name, orders) {
  const child = fork(new URL(name, import.meta.url), [JSON.stringify(orders)])
  // Asked for before it can say it.
  let next = once(child, 'message')
  return {
    child,
    async hear() {
      const [message] = await next
      next = once(child, 'message')
      return message
    },
  }
}

/** @param {Scene} scene @returns {Promise<Played>} */
async function play(scene) {
  const server = start('server.mjs', { ...scene, seconds })
  const { url } = await server.hear()
  const readers = [
    start('readers.mjs', { url, count: scene.fast, pace: 1000, seconds }),
    start('readers.mjs', { url, count: scene.slow, pace: scene.pace, seconds }),
  ]
  for (const { hear } of readers) await hear()
  for (const { child } of [...readers, server]) child.send('go')
  const report = await server.hear()
  for (const { child } of readers) child.send('end')
  const [quick, late] = await Promise.all(readers.map(({ hear }) => hear()))
  server.child.send('end')
  await once(server.child, 'exit')
  return { ...scene, ...report, seconds, quick, late }
}

/** @type {Played[]} */
const played = []
console.log(head)
for (const scene of scenes.filter(({ name }) => only === undefined || only.test(name))) {
  if (process.stderr.isTTY) process.stderr.write(`${scene.name}, ${seconds} s\r`)
  const done = await play(scene)
  played.push(done)
  console.log(row(done))
}
if (json !== undefined) writeFileSync(json, `${JSON.stringify(played)}\n`)
if (out !== undefined) {
  for (const [name, svg] of Object.entries(plots(played))) writeFileSync(join(out, `${name}.svg`), svg)
}
