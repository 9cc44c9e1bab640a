/**
 * `hotline verify` over both ends of hotline and over other implementations, each in a process of its own, and the
 * table of what came of it in docs/reference/conformance.md: `npm run conformance`. `--only ws` runs some of them and
 * writes nothing; `--node PATH` is a Node whose own client is run, else one is fetched by npm.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fetchNode } from '../fetch-node.mjs'
import { inPage, page, summaryFile } from './page.mjs'
import { clientIn, clientInChromium, otherServer, ownServer } from './runs.mjs'

const { values } = parseArgs({ options: { only: { type: 'string' }, node: { type: 'string' } } })

const peers = /** @type {[name: string, run: () => Promise<import('./runs.mjs').Run>][]} */ ([
  ['hotline server, ws', () => ownServer('ws')],
  ['hotline server, wss', () => ownServer('wss')],
  ['ws server', () => otherServer('ws')],
  ['faye-websocket server', () => otherServer('faye-websocket')],
  ['hotline client, ws', () => clientIn(process.execPath, 'hotline', 'ws')],
  ['hotline client, wss', () => clientIn(process.execPath, 'hotline', 'wss')],
  ['ws client', () => clientIn(process.execPath, 'ws', 'ws')],
  ['faye-websocket client', () => clientIn(process.execPath, 'faye-websocket', 'ws')],
  ['undici client', () => clientIn(process.execPath, 'undici', 'ws')],
  ["Node's own client", async () => clientIn(values.node ?? (await fetchNode('24')), 'node', 'ws')],
  ["Chromium's own client", () => clientInChromium()],
])

const start = performance.now()
const chosen = peers.filter(([name]) => name.includes(values.only ?? ''))
const summaries = /** @type {import('./page.mjs').Peer[]} */ ([])
const left = chosen.entries()
// Most of the time a run waits for its peer.
await Promise.all([1, 2].map(work))
console.log(`${((performance.now() - start) / 1000).toFixed(0)} s`)

async function work() {
  for (const [index, [name, run]] of left) {
    const begun = performance.now()
    const { version, report, thrown } = await run()
    const { pass, lenient, informational, 'strict-fail': failed } = report.verdicts
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    const figures = `${pass} pass, ${lenient} lenient, ${informational} informational, ${failed} strict-fail`
    console.log(`${name} ${version}: ${report.results.length} cases, ${figures} (${seconds} s)`)
    if (thrown > 0) console.log(`  it threw ${thrown} times what nobody caught`)
    summaries[index] = inPage(name, version, report)
  }
}

if (values.only === undefined) {
  writeFileSync(
    summaryFile,
    `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), peers: summaries }, undefined, 1)}\n`,
  )
  writeFileSync(page.file, page.with(JSON.parse(readFileSync(summaryFile, 'utf8'))))
  console.log('docs/reference/conformance.md has the table')
}
