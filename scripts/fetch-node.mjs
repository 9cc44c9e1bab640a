/** A version of Node, by npm: the package `node` installs its binary by a script, which npm may block; that of the platform needs none. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const cache = join(import.meta.dirname, '../node_modules/.cache/nodes')

/**
 * The path of its binary.
 * @param {string} version a range such as `24`, or a tag such as `latest`
 */
export async function fetchNode(version) {
  const folder = join(cache, version)
  const name = `node-${process.platform}-${process.arch}`
  const range = /^\d/.test(version) ? `^${version}` : version
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  await promisify(execFile)('npm', ['install', '--prefix', folder, ...options, `${name}@${range}`], { shell: false })
  return join(folder, 'node_modules', name, 'bin/node')
}
