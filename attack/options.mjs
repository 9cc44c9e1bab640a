/** The command line of the attacks. */
import { parseArgs } from 'node:util'

export const HELP = `npm run attack -- [options]

Attacks \`hotline serve\`, and hotline's client, as separate processes, over real sockets; the same attacks on ws beside them.

  --quick        the short form: smaller, without ws, no deadline is waited for, no time is judged
  --only REGEX   the attacks whose name matches; --list names them
  --no-ws        hotline only
  --merge        with --only: these rows of docs/attacks.md are replaced, and the page says so
  --json FILE    writes the findings there (\`-\` for standard output)
  --no-write     leaves docs/attacks.md and docs/attacks.json alone; a part or a short form never writes them
  --list         name the attacks and what they do, and end
  --help         this

The exit code is 1 when hotline missed a bound, 2 when the command line is wrong.`

export class UsageError extends Error {}

const options = /** @type {const} */ ({
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  merge: { type: 'boolean', default: false },
  'no-ws': { type: 'boolean', default: false },
  json: { type: 'string' },
  'no-write': { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
})

/** @param {string[]} args */
export function readOptions(args) {
  const { quick, only, json, list, help, merge, ...no } = parse(args)
  const ws = !quick && !no['no-ws']
  const write = !no['no-write'] && !quick && (only === undefined || merge) && ws
  if (merge && !write) throw new UsageError('--merge is for a long form with ws that is written')
  return { quick, ws, write, merge, json, list, help, only: only === undefined ? undefined : pattern(only) }
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split('. ')[0])
  }
}

/** @param {string} source */
function pattern(source) {
  try {
    return new RegExp(source)
  } catch (error) {
    throw new UsageError(`--only: ${/** @type {Error} */ (error).message}`)
  }
}
