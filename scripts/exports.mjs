/** The public exports of the library: one list, read from its package.json, and the check that files and docs agree with it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const library = new URL('../packages/hotline/', import.meta.url)
const reference = new URL('../docs/reference/', import.meta.url)

/** @typedef {{ specifier: string, name: string, types: string, files: string[] }} Entry */

/**
 * The subpath exports that are modules: what a user writes, a short name, the declarations, and all files behind it.
 * @returns {Entry[]}
 */
export function entries() {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', library), 'utf8'))
  return Object.entries(exports)
    .filter(([subpath]) => subpath !== './package.json')
    .map(([subpath, target]) => ({
      specifier: subpath.replace('.', 'hotline'),
      name: subpath === '.' ? 'hotline' : subpath.slice(2),
      types: target.types,
      files: leaves(target),
    }))
}

/** Each export has its files in dist/, can be imported, exports something, and is described in docs/reference/. */
export async function checkExports() {
  const problems = []
  const pages = existsSync(reference)
    ? readdirSync(reference).map(page => readFileSync(new URL(page, reference), 'utf8'))
    : []
  for (const { specifier, files } of entries()) {
    const missing = files.filter(file => !existsSync(new URL(file, library)))
    problems.push(...missing.map(file => `${specifier}: ${file} does not exist`))
    const modules = files.filter(file => file.endsWith('.js') && !missing.includes(file))
    for (const file of modules) {
      const names = Object.keys(await import(new URL(file, library).href))
      if (names.length === 0) problems.push(`${specifier}: ${file} exports nothing`)
    }
    if (pages.length > 0 && !pages.some(page => page.includes(`'${specifier}'`)))
      problems.push(`${specifier}: no page of docs/reference imports from '${specifier}'`)
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return entries()
    .map(({ specifier }) => specifier)
    .join(', ')
}

/** @param {string | Record<string, any>} target @returns {string[]} */
function leaves(target) {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(leaves)
}
