/** Runs `hotline verify` over one peer: the suite and the peer are processes of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { chromium } from 'playwright-core'
import { findChromium } from '../browsers.mjs'
import { drive } from './drive.mjs'

/** @typedef {{ id: string, title: string, clause: string, verdict: Verdict, notes: string[], timed: boolean }} Result */
/** @typedef {'pass' | 'lenient' | 'informational' | 'strict-fail'} Verdict */
/** @typedef {{ verdicts: Record<Verdict, number>, results: Result[] }} Report */
/** @typedef {{ version: string, report: Report, thrown: number }} Run */

const root = join(import.meta.dirname, '../..')
const bin = join(root, 'packages/cli/bin/hotline.js')

/** Cases at a time, when clients are tested. */
const PARALLEL = 8
/** A busy machine is no fault of a peer. */
const SUITE = ['--timeout', '10', '--fail-on', 'never', '--json', '-']
/** Milliseconds after which a peer that does not come to its end is ended. */
const LIMIT = 180_000

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()
process.on('exit', () => children.forEach(child => void child.kill('SIGKILL')))

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function start(command, args, env = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  const closed = once(child, 'close').finally(() => children.delete(child))
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT)
  return { child, out: child.stdout, err: text(child.stderr), closed: closed.finally(() => clearTimeout(limit)) }
}

/**
 * The first lines of what it prints, before the rest is let pass.
 * @param {import('node:stream').Readable} stream
 * @param {number} count
 */
async function lines(stream, count) {
  const all = []
  for await (const line of createInterface({ input: stream })) {
    all.push(line)
    if (all.length === count) break
  }
  stream.resume()
  return all
}

const versionOfHotline = () => JSON.parse(readFileSync(join(root, 'packages/hotline/package.json'), 'utf8')).version

/**
 * @param {'ws' | 'wss'} scheme
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function ownServer(scheme, env) {
  const tls = scheme === 'wss' ? ['--tls-self-signed'] : []
  const server = start(
    process.execPath,
    [bin, 'serve', '--port', '0', '--quiet', '--max-message', '16MiB', ...tls],
    env,
  )
  const [url = ''] = await lines(server.out, 1)
  return { version: versionOfHotline(), ...(await verify(`${url}/echo`, server)) }
}

/**
 * @param {string} name
 * @param {string[]} which such as `--only`
 */
export async function otherServer(name, ...which) {
  const server = start(process.execPath, [join(import.meta.dirname, 'servers.mjs'), name])
  const [version = '', url = ''] = await lines(server.out, 2)
  return { version, ...(await verify(url, server, which)) }
}

/**
 * @param {string} url
 * @param {ReturnType<typeof start>} server
 * @param {string[]} [which]
 */
async function verify(url, server, which = []) {
  const suite = start(process.execPath, [bin, 'verify', url, '--insecure', ...SUITE, ...which])
  const json = await text(suite.out)
  await suite.closed
  server.child.kill('SIGTERM')
  await server.closed
  if (json === '') throw new Error(await suite.err)
  return { report: /** @type {Report} */ (JSON.parse(json)), thrown: count(await server.err) }
}

/**
 * @param {string} node the binary that runs the client
 * @param {string} name
 * @param {'ws' | 'wss'} scheme
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function clientIn(node, name, scheme, env) {
  return listening(scheme, async url => {
    const client = start(node, [join(import.meta.dirname, 'clients.mjs'), name, url, String(PARALLEL)], env)
    const [version = ''] = await lines(client.out, 1)
    await client.closed
    return { version, thrown: count(await client.err) }
  })
}

/** The browser's class, in a page. */
export async function clientInChromium() {
  const { path, reason } = findChromium()
  if (path === undefined) throw new Error(reason)
  return listening('ws', async url => {
    const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const page = await browser.newPage()
      const call = `(${drive})(url => new WebSocket(url), ${JSON.stringify(url)}, 'Chromium', ${PARALLEL})`
      await Promise.race([page.evaluate(call), page.waitForTimeout(LIMIT)])
      return { version: browser.version(), thrown: 0 }
    } finally {
      await browser.close()
    }
  })
}

/**
 * @param {'ws' | 'wss'} scheme
 * @param {(url: string) => Promise<{ version: string, thrown: number }>} visit
 */
async function listening(scheme, visit) {
  const tls = scheme === 'wss' ? ['--tls-self-signed'] : []
  const suite = start(process.execPath, [bin, 'verify', '--listen', '0', '--once', ...SUITE, ...tls])
  const [url = ''] = await lines(suite.child.stderr, 1)
  const [json, visited] = await Promise.all([text(suite.out), visit(url).finally(() => suite.child.kill('SIGINT'))])
  await suite.closed
  return { ...visited, report: /** @type {Report} */ (JSON.parse(json)) }
}

/** @param {string} errors */
const count = errors => errors.match(/^uncaught: /gm)?.length ?? 0
