/** Finds a Python with the package websockets for the tests: the PATH, then Debian's own, then (as root) apt-get. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { apt } from './programs.mjs'

const candidates = ['python3', '/usr/bin/python3']

/** @returns {{ path: string, reason?: undefined } | { path?: undefined, reason: string }} */
export function findPython() {
  const found = candidates.find(hasWebsockets)
  if (found) return { path: found }
  const missing = 'no Python with the package websockets; on Debian it is python3-websockets'
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return { reason: missing }
  console.log('Installing python3-websockets by apt-get, once, for the tests with its client')
  const install = () => apt('install', '--yes', '--no-install-recommends', 'python3-websockets')
  const failure = install() && (apt('update') ?? install())
  const installed = candidates.find(hasWebsockets)
  return installed ? { path: installed } : { reason: `${missing} (${failure ?? 'apt-get brought none'})` }
}

/** @param {string} python */
const hasWebsockets = python => spawnSync(python, ['-c', 'import websockets'], { stdio: 'ignore' }).status === 0
