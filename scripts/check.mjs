/** Everything about the repository that is not a test, one line for each step: `npm run check`. */
import { spawn } from 'node:child_process'
import { checkReports } from './api.mjs'
import { checkBundle } from './bundle.mjs'
import { checkExports } from './exports.mjs'
import { checkSizes } from './sizes.mjs'

/** A step is a command, or a function that resolves to a note and throws what is wrong. The first builds what others read. */
const steps = /** @type {[name: string, step: string | (() => string | Promise<string>)][]} */ ([
  ['build', 'npm run build'],
  ['format and lint', 'biome ci --colors=off --error-on-warnings'],
  ['types', 'tsc -p .'],
  ['dependency rule', 'depcruise "{packages/*/src,examples}" --config .dependency-cruiser.mjs'],
  ['unused code', 'knip --treat-config-hints-as-errors'],
  ['package.json of hotline', 'publint packages/hotline --strict'],
  ['package.json of hotline-cli', 'publint packages/cli --strict'],
  ['types as users see them', 'attw --pack packages/hotline --profile esm-only'],
  ['exports', checkExports],
  ['API reports', checkReports],
  ['packed size', checkSizes],
  ['connect for browsers', checkBundle],
  ['coverage of protocol/', 'npm run coverage'],
])

let failed = 0
for (const [name, step] of steps) {
  const start = performance.now()
  const { passed, output } = await (typeof step === 'string' ? command(step) : call(step))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const note = passed && typeof step !== 'string' ? `: ${output}` : ''
  console.log(`${passed ? 'pass' : 'FAIL'}  ${name} (${seconds} s)${note}`)
  if (passed) continue
  failed++
  console.log(output.replace(/^/gm, '      '))
}
console.log(`${steps.length - failed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0

/**
 * Runs a command of the installed tools by the shell.
 * @param {string} line
 * @returns {Promise<{ passed: boolean, output: string }>}
 */
function command(line) {
  return new Promise(resolve => {
    const env = { ...process.env, NO_COLOR: '1' }
    const child = spawn(line, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
    child.on('close', code => resolve({ passed: code === 0, output: output.trim() }))
  })
}

/** @param {() => string | Promise<string>} step */
async function call(step) {
  try {
    return { passed: true, output: await step() }
  } catch (error) {
    return { passed: false, output: error instanceof Error ? error.message : String(error) }
  }
}
