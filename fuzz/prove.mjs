/** `npm run fuzz -- --prove`: plants each fault of the table, and counts the inputs until it is found. */
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'
import { faults } from './faults.mjs'

const sources = new URL('../packages/hotline/src/', import.meta.url)

/** Inputs within which each must be found. */
const MOST = 200_000

/**
 * One fault in a bundle of its own.
 *
 * @param {import('./faults.mjs').Fault} fault
 * @param {number} most
 */
export async function findFault({ target, file, find, replace }, most) {
  const path = fileURLToPath(new URL(file, sources))
  let planted = 0
  const plugin = {
    name: 'fault',
    enforce: /** @type {const} */ ('pre'),
    /** @param {string} code @param {string} id */
    transform(code, id) {
      if (id !== path) return undefined
      planted = code.split(find).length - 1
      return { code: code.replace(find, () => replace), map: null }
    },
  }
  const { prove } = await import(await bundle({ name: `fault-${process.pid}-${counter++}`, plugins: [plugin] }))
  if (planted !== 1) throw new Error(`what the fault in ${file} replaces stands there ${planted} times: ${find}`)
  return prove(target, most)
}
let counter = 0

/** @param {readonly string[]} only targets; all when there is none */
export async function prove(only) {
  let missed = 0
  for (const fault of faults) {
    if (only.length > 0 && !only.includes(fault.target)) continue
    const found = await findFault(fault, MOST)
    if (found === undefined) missed++
    const what = found === undefined ? `NOT FOUND in ${MOST}` : `${found.inputs}`.padStart(7)
    console.log(`${fault.target.padEnd(11)} ${what}  ${fault.fault}${found === undefined ? '' : `: ${found.claim}`}`)
  }
  return missed === 0 ? 0 : 1
}
