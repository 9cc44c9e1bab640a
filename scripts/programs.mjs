/** Finds programs for the tests: by a variable, then the PATH, then (on Debian and Ubuntu, as root) apt-get. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @typedef {{ path: string, reason?: undefined } | { path?: undefined, reason: string }} Found */
/** What a program is called: by people, by the variable with its path, by Debian, and on the PATH. */
/** @typedef {{ title: string, variable: string, package: string, names: readonly string[] }} Program */

/** Seconds that apt-get may take, waiting for another apt-get's lock included. */
const deadline = 240

/** Where Debian puts servers, which is not on everybody's PATH. */
const SERVERS = ['/usr/sbin', '/usr/local/sbin']

/** What went wrong when the list of packages was fetched, which is done once; empty when nothing did. */
let updated = /** @type {string | undefined} */ (undefined)

/** @param {Program} program @returns {Found} */
export function find({ title, variable, package: name, names }) {
  const chosen = process.env[variable]
  if (chosen) return executable(chosen) ? { path: chosen } : { reason: `${variable} is ${chosen}, which cannot be run` }
  const found = onPath(names)
  if (found) return { path: found }
  const missing = `none of ${names.join(', ')} is on the PATH; install one or set ${variable}`
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return { reason: missing }
  console.log(`Installing ${title} by apt-get, once, for the tests`)
  updated ??= apt('update') ?? ''
  const failure = updated || apt('install', '--yes', '--no-install-recommends', name)
  const installed = onPath(names)
  return installed ? { path: installed } : { reason: `${missing} (${failure ?? 'apt-get brought none'})` }
}

/** @param {readonly string[]} names */
function onPath(names) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...SERVERS]
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(executable)
}

/** @param {string} path */
function executable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs apt-get as root on Debian and Ubuntu; says in one line what went wrong, if anything did.
 * @param {...string} args
 */
export function apt(...args) {
  const result = spawnSync('apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${deadline}`, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: deadline * 1000,
  })
  if (result.status === 0) return undefined
  const line = result.error?.message ?? result.stderr.trim().split('\n').at(-1)
  return `apt-get ${args[0]}: ${line}`
}
