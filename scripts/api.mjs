/** The public surface of the library as files, packages/hotline/api/: `npm run api` writes them, the check compares. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { entries } from './exports.mjs'

const library = fileURLToPath(new URL('../packages/hotline', import.meta.url))
const reports = `${library}/api`
const temporary = fileURLToPath(new URL('../node_modules/.cache/api', import.meta.url))

if (process.argv.includes('--update')) update()

/** Throws when a report differs from what the built library exports. */
export function checkReports() {
  const wrong = entries().flatMap(entry => report(entry, false))
  wrong.push(...stale().map(file => `${file}: nothing is exported under this name any more`))
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\nIf the change is meant: npm run api`)
  return `${entries().length} as written`
}

function update() {
  mkdirSync(reports, { recursive: true })
  for (const file of stale()) rmSync(`${reports}/${file}`)
  for (const line of entries().flatMap(entry => report(entry, true))) console.log(line)
  console.log(`${entries().length} reports are in packages/hotline/api`)
}

function stale() {
  const known = entries().map(({ name }) => `${name}.api.md`)
  return readdirSync(reports).filter(file => !known.includes(file))
}

/**
 * Compares or writes the report of one entry point; returns what is wrong.
 * @param {import('./exports.mjs').Entry} entry
 * @param {boolean} write
 */
function report({ name, types }, write) {
  const lines = /** @type {string[]} */ ([])
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: `${library}/package.json`,
    configObject: {
      projectFolder: library,
      mainEntryPointFilePath: `${library}/${types}`,
      compiler: { tsconfigFilePath: `${library}/tsconfig.json` },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: reports,
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        extractorMessageReporting: { 'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
  const result = Extractor.invoke(config, {
    localBuild: write,
    showVerboseMessages: false,
    messageCallback(message) {
      message.handled = true
      const notable = message.logLevel === ExtractorLogLevel.Error || message.logLevel === ExtractorLogLevel.Warning
      if (notable && message.category !== 'console')
        lines.push(`${name}: ${message.formatMessageWithLocation(library)}`)
    },
  })
  if (result.apiReportChanged && !write) lines.push(`${name}.api.md is not what the library exports now`)
  return lines
}
