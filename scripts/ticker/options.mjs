/** The command line of the ticker. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const HELP = `npm run ticker -- [options]

  --seconds S   how long each scene is played (default 8)
  --only REGEX  the scenes whose name matches
  --json FILE   all figures
  --out DIR     pictures: ages.svg and memory.svg
  --help        this`

const options = /** @type {const} */ ({
  seconds: { type: 'string', default: '8' },
  only: { type: 'string' },
  json: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean' },
})

/** What is wrong is said in one line, and ends the program with 2. @param {string[]} args */
export function readOptions(args) {
  try {
    const { seconds, only, help, ...files } = parseArgs({ args, options }).values
    if (help) {
      console.log(HELP)
      process.exit(0)
    }
    const time = Number(seconds)
    if (!(time > 0 && time <= 3600)) throw new Error(`--seconds takes a number from above 0 to 3600, not ${seconds}`)
    // A place that cannot be written to is known before, not after minutes.
    if (files.out !== undefined) mkdirSync(files.out, { recursive: true })
    if (files.json !== undefined) writeFileSync(files.json, '')
    return { ...files, seconds: time, only: only === undefined ? undefined : new RegExp(only) }
  } catch (error) {
    console.error(`ticker: ${/** @type {Error} */ (error).message.split('. ')[0]}; --help lists the options`)
    process.exit(2)
  }
}
