/** One run: what is measured in its process on one core, what is at its other end on the other, and what that gave. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from './child.mjs'
import { bun, servers } from './contenders.mjs'

/** @typedef {import('./types.ts').Contender} Contender */
/** @typedef {import('./types.ts').Workload} Workload */
/** @typedef {{ warmup: number, seconds: number, tls: { key: string, cert: string } }} Settings */

const here = import.meta.dirname

/** What runs the load: Bun, whose reads and writes cost the least; Node where it is not installed. */
const loader = [existsSync(bun) ? bun : process.execPath, join(here, 'load/main.mjs')]

/** Seconds for a process to start, and for connections to open, beyond the measured time. */
const START = 20
const OPEN = 60

/** The server that all clients are measured against: the fastest that is here, so that it is never what limits them. */
const fast = servers.find(({ name }) => name === (existsSync(bun) ? 'uws' : 'hotline'))

/** Whether there is nothing to measure: the contender has no such thing. */
export function lacks(/** @type {Contender} */ contender, /** @type {Workload} */ { kind, deflate }) {
  return contender.lacks.some(what => what === kind || (what === 'deflate' && deflate))
}

/**
 * @param {Contender} contender
 * @param {Workload} workload
 * @param {Settings} settings
 * @returns {Promise<import('./types.ts').Sample>}
 */
export function run(contender, workload, settings) {
  return workload.kind === 'clients'
    ? runClients(contender, workload, settings)
    : runServer(contender, workload, settings)
}

/** @type {typeof run} */
async function runServer(contender, workload, { warmup, seconds, tls }) {
  const server = startServer(contender, workload, tls, 'measured')
  try {
    const { port, pid } = await server.said
    const options = { ...workload, protocol: contender.protocol, port, pid, warmup, seconds }
    return await finish(new Child(loader, options, { core: 'other', within: warmup + seconds + OPEN }))
  } finally {
    await server.stop()
  }
}

/** @type {typeof run} */
async function runClients(contender, workload, { warmup, seconds, tls }) {
  if (!fast) throw new Error('no server for the clients')
  const server = startServer(fast, workload, tls, 'other')
  try {
    const { port, pid } = await server.said
    const { name: client, checkout, command, env } = contender
    const url = `ws://127.0.0.1:${port}/`
    const options = { ...workload, client: implementation(client, checkout), checkout, url, pid, warmup, seconds }
    return await finish(new Child(command, options, { core: 'measured', env, within: warmup + seconds + OPEN }))
  } finally {
    await server.stop()
  }
}

/** The name under which clients.mjs knows it: variants differ by their environment or their checkout only. */
const implementation = (/** @type {string} */ name, /** @type {string | undefined} */ checkout) =>
  checkout ? 'hotline' : name.replace(/-(public|bufferutil)$/, '')

/**
 * @param {Contender} contender
 * @param {Workload} workload
 * @param {Settings['tls']} tls
 * @param {'measured' | 'other'} core
 */
export function startServer({ command, env, checkout }, workload, tls, core) {
  const mode = workload.kind === 'broadcast' ? 'broadcast' : 'echo'
  const { deflate, message } = workload
  const options = { mode, deflate, largest: message.size, checkout, ...(workload.tls && { tls }) }
  return new Child(command, options, { core, env, within: START })
}

async function finish(/** @type {Child} */ child) {
  try {
    return await child.said
  } finally {
    await child.stop()
  }
}
