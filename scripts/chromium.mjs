/** Finds Chromium for the tests: CHROME_PATH, then the PATH, then (on Debian and Ubuntu, as root) apt-get. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** Seconds that apt-get may take, waiting for another apt-get's lock included. */
const deadline = 240

/** @returns {{ path: string, reason?: undefined } | { path?: undefined, reason: string }} */
export function findChromium() {
  const chosen = process.env['CHROME_PATH']
  if (chosen) return executable(chosen) ? { path: chosen } : { reason: `CHROME_PATH is ${chosen}, which cannot be run` }
  const found = onPath()
  if (found) return { path: found }
  const missing = `none of ${names.join(', ')} is on the PATH; install one or set CHROME_PATH`
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return { reason: missing }
  console.log('Installing Chromium by apt-get, once, for the tests in a browser')
  const failure = apt('update') ?? apt('install', '--yes', '--no-install-recommends', 'chromium')
  const installed = onPath()
  return installed ? { path: installed } : { reason: `${missing} (${failure ?? 'apt-get brought none'})` }
}

function onPath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
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
