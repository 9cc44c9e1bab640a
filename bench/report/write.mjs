/** Writes what was measured: the data, a picture of each group, the page. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { workloads } from '../workloads.mjs'
import { groupsOf, page, pictureOf } from './page.mjs'
import { plot } from './plots.mjs'

/**
 * @param {import('../types.ts').Results} results
 * @param {string} directory
 * @param {(server: string) => string} titleOf
 */
export function write(results, directory, titleOf) {
  mkdirSync(directory, { recursive: true })
  // A picture of an earlier run must not stay beside the figures of this one.
  for (const { group } of workloads) rmSync(join(directory, pictureOf(group)), { force: true })
  writeFileSync(join(directory, 'results.json'), `${JSON.stringify(results, rounded, 2)}\n`)
  writeFileSync(join(directory, 'README.md'), page(results, titleOf))
  for (const [group, members] of groupsOf(results.workloads)) {
    const compared = members.filter(({ rows }) => rows.some(({ toWs }) => toWs !== undefined))
    if (compared.length > 0) writeFileSync(join(directory, pictureOf(group)), plot(compared, titleOf))
  }
}

/** Six digits are more than any clock of these knows. */
const rounded = (/** @type {string} */ _key, /** @type {unknown} */ value) =>
  typeof value === 'number' ? Number(value.toPrecision(6)) : value
