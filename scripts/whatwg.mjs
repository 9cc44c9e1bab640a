/**
 * Runs the claims of the WHATWG standard on every class, and writes docs/reference/whatwg.md: `npm run docs:whatwg`.
 * With `-- --as-found` it runs nothing, and keeps the figures that the page has.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { WebSocket } from 'undici'
import { runnerImport } from 'vite'
import { findChromium } from './browsers.mjs'

const claims = new URL('../packages/hotline/test/client/whatwg/', import.meta.url)
const page = new URL('../docs/reference/whatwg.md', import.meta.url)

/** @typedef {import('../packages/hotline/test/client/whatwg/survey.ts')} Survey */
/** @typedef {import('../packages/hotline/test/client/whatwg/survey.ts').Finding} Finding */
/** @typedef {import('../packages/hotline/test/client/whatwg/report.ts')} Report */

// What a class that is none of ours throws at nobody does not end the survey.
process.on('uncaughtException', error => console.error(`uncaught: ${error.message}`))

const survey = /** @type {Survey} */ (await load('survey.ts'))
const report = /** @type {Report} */ (await load('report.ts'))
if (process.argv.includes('--as-found')) write(report.factsOf(readFileSync(page, 'utf8')))
const ours = await survey.surveyNode()
show('hotline', ours)
const undici = await survey.surveyNode(WebSocket)
show('undici', undici)
const theirs = await inChromium()
show(`Chromium ${theirs.version}`, theirs.findings)
const { version } = JSON.parse(readFileSync(new URL('../node_modules/undici/package.json', import.meta.url), 'utf8'))
write({ chromium: theirs.version, undici: { version, met: survey.metBySection(undici) } })

/**
 * @param {import('../packages/hotline/test/client/whatwg/report.ts').Facts} facts
 * @returns {never}
 */
function write(facts) {
  writeFileSync(page, report.whatwgPage(facts))
  console.log('docs/reference/whatwg.md is as the claims say')
  process.exit()
}

/** @param {string} file */
async function load(file) {
  const options = /** @type {import('vite').InlineConfig} */ ({ configFile: false, oxc: { target: 'node20' } })
  return (await runnerImport(fileURLToPath(new URL(file, claims)), options)).module
}

async function inChromium() {
  const { path, reason } = findChromium()
  if (!path) throw new Error(`there is no Chromium: ${reason}`)
  const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    return {
      version: browser.version(),
      findings: await survey.surveyPage(browser, fileURLToPath(new URL('claims.ts', claims))),
    }
  } finally {
    await browser.close()
  }
}

/**
 * @param {string} name
 * @param {Finding[]} findings
 */
function show(name, findings) {
  const surprises = findings.filter(({ claim, asExpected }) => {
    const departs = name === 'hotline' ? claim.hotline : name.startsWith('Chromium') ? claim.chromium : undefined
    return name !== 'undici' && asExpected === (departs !== undefined)
  })
  for (const { claim, seen } of surprises) console.log(`${name}, not as said: ${claim.claim}: ${JSON.stringify(seen)}`)
  console.log(`${name}: ${findings.filter(({ asExpected }) => asExpected).length} of ${findings.length} claims`)
}
