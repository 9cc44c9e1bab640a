/**
 * The tests of sockets on every version of Node that hotline runs on, on both lanes: `npm run test:nodes`.
 * `--quick` runs a part of them, on the versions that `npm test` is not run on; `--node 22` picks a version.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { fetchNode } from './fetch-node.mjs'
import { readResults } from './results.mjs'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, node: { type: 'string', multiple: true } },
})

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const tests = 'packages/hotline/test'

/** What is installed: ranges, or a tag of the npm package. */
const versions = values.node ?? (values.quick ? ['22', 'latest'] : ['20', '22', '24', 'latest'])

/** The contract tests both lanes, whatever the process is told; the others use what a process uses. */
const sockets = [`${tests}/client`, `${tests}/server`, `${tests}/interop`, `${tests}/attack`, `${tests}/fuzz`]
const some = ['raw', 'ws'].map(name => `${tests}/interop/${name}`)
const lanes = {
  lane: [`${tests}/contract`, `${tests}/runtime`, ...(values.quick ? some : sockets)],
  public: values.quick ? [`${tests}/server/serve`, `${tests}/client/open`, ...some] : sockets,
}

let passed = 0
let failed = 0
const work = mkdtempSync(join(tmpdir(), 'hotline-nodes-'))
try {
  for (const version of versions) await testVersion(version)
} finally {
  rmSync(work, { recursive: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** @param {string} version */
async function testVersion(version) {
  const node = await fetchNode(version)
  const { stdout } = await run(node, ['--version'])
  for (const [lane, files] of Object.entries(lanes)) {
    const start = performance.now()
    const result = await testLane(node, lane, files)
    passed += result.passed
    failed += result.failures.length
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    const word = result.failures.length === 0 ? 'pass' : 'FAIL'
    console.log(`${word}  Node ${stdout.trim()}, ${lane}: ${result.passed} passed (${seconds} s)`)
    for (const failure of result.failures) console.log(`      ${failure}`)
  }
}

/**
 * @param {string} node
 * @param {string} lane
 * @param {string[]} files
 * @returns {Promise<{ passed: number, failures: string[] }>}
 */
async function testLane(node, lane, files) {
  const report = join(work, 'report.json')
  rmSync(report, { force: true })
  const args = ['run', '--reporter=json', `--outputFile=${report}`, ...files]
  const env = { ...process.env, HOTLINE_LANE: lane === 'public' ? 'public' : '' }
  const how = await run(node, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], { cwd: root, env }).catch(e => e)
  return readResults(report, how.code ? `${how.stdout}${how.stderr}`.trim().slice(-2000) : '')
}
