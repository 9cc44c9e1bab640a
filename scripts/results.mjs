/**
 * What a run of the tests came to, by vitest's report in JSON. As a program, for `.ci/run`: `results.mjs REPORT STATUS FAILURES`
 * prints the two sums and adds a line for each failure to FAILURES.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Test */

if (process.argv[1] === import.meta.filename) {
  const [report = '', status = '', log = ''] = process.argv.slice(2)
  const { passed, failures } = readResults(report, status === '0' ? '' : `the run ended with ${status}`)
  for (const failure of failures) appendFileSync(log, `${failure}\n`)
  console.log(passed, failures.length)
}

/**
 * A run that ended badly without a failed test, or without any test, is one failure.
 * @param {string} report the report's path
 * @param {string} fault how the run ended, empty when it ended well
 * @returns {{ passed: number, failures: string[] }}
 */
export function readResults(report, fault) {
  const results = parseReport(report)
  if (results === undefined) return { passed: 0, failures: [`no report: ${fault}`] }
  const { numPassedTests: passed, testResults } = results
  const failures = testResults.flatMap(failuresIn)
  if (failures.length === 0 && (fault || passed === 0)) failures.push(`it failed: ${fault}`)
  return { passed, failures }
}

/**
 * None where the run was cut off before or while it wrote.
 * @param {string} report
 */
function parseReport(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {{ name: string, status: string, message: string, assertionResults: Test[] }} file */
function failuresIn({ name, status, message, assertionResults }) {
  const broken = assertionResults.filter(test => test.status === 'failed')
  const lines = broken.map(test => `${test.fullName}: ${test.failureMessages[0]?.split('\n')[0]?.slice(0, 200)}`)
  if (broken.length === 0 && status === 'failed') lines.push(message.split('\n')[0] ?? '')
  return lines.map(line => `${relative(root, name)} > ${line}`)
}
