/** Where the figures were taken, and with which versions. */
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { versionOf } from './contenders.mjs'

export function machine() {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
  }
}

/**
 * @param {Iterable<import('./types.ts').Contender>} contenders
 * @returns {Record<string, string>}
 */
export function versions(contenders) {
  const named = [...contenders].filter(({ package: name }) => name !== '')
  const found = named.map(({ package: name }) => [name, versionOf(name) ?? 'not installed'])
  return { node: process.versions.node, ...Object.fromEntries(found) }
}

/** The commit that was measured, and whether the files differ from it. */
export function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    }).trim()
  } catch {
    return 'unknown'
  }
}
