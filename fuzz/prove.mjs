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
async function findFault({ target, file, find, replace }, most) {
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
  const { prove } = await import(await bundle([plugin]))
  if (planted !== 1) throw new Error(`what the fault in ${file} replaces stands there ${planted} times: ${find}`)
  return prove(target, most)
}
/**
 * @param {string} [target] all of them, when there is none
 * @param {string} [most] faults of it, from the first on
 */
export async function prove(target, most) {
  let missed = 0
  const chosen = faults.filter(fault => target === undefined || fault.target === target)
  for (const fault of chosen.slice(0, most === undefined ? undefined : Number(most))) {
    const found = await findFault(fault, MOST)
    if (found === undefined) missed++
    const inputs = found === undefined ? `not in ${MOST}` : `${found.inputs}`.padStart(7)
    console.log(`${fault.target.padEnd(11)} ${inputs}  ${fault.fault}${found === undefined ? '' : `: ${found.claim}`}`)
  }
  return missed === 0 ? 0 : 1
}
