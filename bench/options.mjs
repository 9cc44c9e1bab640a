/** The command line of the benchmark. */
import { parseArgs } from 'node:util'

export const HELP = `npm run bench -- [options]

  --quick             one short round of what the targets need, in less than three minutes
  --all               also the combinations that say what another one says
  --only REGEX        the workloads whose name matches; --list names them
  --servers A,B       these servers (and clients) only
  --hotline NAME=DIR  beside them the hotline of another checkout: DIR is its packages/hotline, built; repeatable
  --rounds N          rounds of each server, interleaved (default 3)
  --seconds S         how long each run is measured (default 0.7)
  --out DIR           where results.json, the page and the plots go (default docs/benchmarks)
  --no-write          only print
  --list              name the workloads and the servers, and end
  --help              this`

export class UsageError extends Error {}

const options = /** @type {const} */ ({
  quick: { type: 'boolean' },
  all: { type: 'boolean' },
  only: { type: 'string' },
  servers: { type: 'string' },
  hotline: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  out: { type: 'string' },
  'no-write': { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
})

/** @param {string[]} args */
export function readOptions(args) {
  const values = parse(args)
  const rounds = positive('--rounds', values.rounds ?? (values.quick ? '1' : '3'))
  if (!Number.isInteger(rounds)) throw new UsageError(`--rounds takes a whole number, not ${values.rounds}`)
  if (values.out !== undefined && values['no-write']) throw new UsageError('--out and --no-write exclude each other')
  const { quick = false, all = false, help = false, list = false, out } = values
  const write = !values['no-write']
  return {
    ...{ quick, all, help, list, out, write, rounds },
    seconds: positive('--seconds', values.seconds ?? (values.quick ? '0.5' : '0.7')),
    only: values.only === undefined ? undefined : pattern(values.only),
    servers: values.servers?.split(','),
    hotline: (values.hotline ?? []).map(checkout),
  }
}

function parse(/** @type {string[]} */ args) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split('. ')[0])
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
function positive(name, value) {
  const number = Number(value)
  if (!(number > 0 && number < Infinity)) throw new UsageError(`${name} takes a number above 0, not ${value}`)
  return number
}

function pattern(/** @type {string} */ source) {
  try {
    return new RegExp(source)
  } catch (error) {
    throw new UsageError(`--only: ${/** @type {Error} */ (error).message}`)
  }
}

function checkout(/** @type {string} */ value) {
  const [, name, directory] = /^([\w.-]+)=(.+)$/.exec(value) ?? []
  if (!name || !directory) throw new UsageError(`--hotline takes NAME=DIR, not ${value}`)
  return { name, directory }
}
