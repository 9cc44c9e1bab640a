/** `npm run bench`: builds hotline, installs what it is measured against when that is missing, and measures. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { main } from './main.mjs'

const here = import.meta.dirname

await main(process.argv.slice(2), () => {
  npm(join(here, '..'), 'run', '--silent', 'build')
  if (!existsSync(join(here, 'node_modules'))) npm(here, 'ci', '--no-fund', '--no-audit')
})

/**
 * @param {string} folder
 * @param {string[]} args
 */
function npm(folder, ...args) {
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
}
