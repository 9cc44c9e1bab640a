/** What can be run, what each takes, and what it says about itself. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** @typedef {{ [name: string]: string | boolean | undefined }} Values */

const RESUME = `npm run chaos -- resume [options]

Readers of topics with history, on real sockets, through a proxy that cuts connections at any byte and delays what it passes
on, while all of them and the server publish: does each see every publication once, in order, or is it told?

  --ops N      operations: publications, subscriptions, ends and cuts (100000)`

const NODES = `
  --backplane KIND    memory (nodes in this process), cluster (processes and a relay), redis or nats (started for this)
  --nodes N           servers that are one (3)
  --clients N         readers of all topics, by connect(), spread over the nodes (300)
  --topics N          topics with history (4)
  --publications N    in all, by all nodes (20000)
  --rate N            publications a second, by all nodes together (200)
  --way N             milliseconds from the first node to Redis or NATS, and back: what is under way when they are gone (15)
  --persistence HOW   of Redis: always, everysec (what it promises for the last second) or none (always)`

const KILL = `npm run chaos -- kill --backplane KIND [options]

Several nodes publish at a steady rate and are read by resuming clients; one node is killed in the middle by SIGKILL, and
something is done to what joins them: does each client see every publication once, in the same order, or is it told?
${NODES}
  --replace           another node takes the place of the one that was killed
  --engine HARM       in the middle: none, restart (SIGTERM, and started again), crash (SIGKILL, and started again), pause
                      (SIGSTOP), cut (nothing goes between the first node and the engine, and nobody is told) (none)
  --away N            seconds that the engine is away (10)`

const ROLLING = `npm run chaos -- rolling --backplane KIND [options]

All nodes are replaced, one after the other, by SIGTERM, while they publish and are read by resuming clients: does each
client see every publication once, in the same order, and how long was the slowest without a line?
${NODES}`

const MILLION = `npm run chaos -- million --backplane KIND [options]

One topic with a million publications, of which a thousand are kept, by two nodes as fast as it goes: is the memory of the
nodes flat, and that of the engine, and did each reader see every publication once?

  --backplane KIND    memory (nodes in this process), cluster (processes and a relay), redis or nats (started for this)
  --publications N    in all (1000000)
  --rate N            publications a second at most (6000)
  --clients N         readers (4)`

const COMMON = `
  --seed N            the choices of another run
  --json FILE         writes the counts
Exit code 1 when anything was lost, doubled, out of order or altered, or when memory has grown.`

const text = { type: /** @type {const} */ ('string') }
const flag = { type: /** @type {const} */ ('boolean'), default: false }
/** @param {string} value */
const or = value => ({ ...text, default: value })

const nodes = {
  backplane: text,
  nodes: or('3'),
  clients: or('300'),
  topics: or('4'),
  publications: or('20000'),
  rate: or('200'),
  way: or('15'),
  persistence: or('always'),
}

/** @param {Values} values */
const readNodes = values => {
  const backplane = oneOf(values, 'backplane', ['memory', 'cluster', 'redis', 'nats'])
  const persistence = oneOf(values, 'persistence', ['always', 'everysec', 'none'])
  if (persistence !== 'always' && backplane !== 'redis') throw new Error('--persistence is for --backplane redis')
  return {
    backplane,
    persistence,
    nodes: whole(values, 'nodes'),
    clients: whole(values, 'clients'),
    topics: whole(values, 'topics'),
    publications: whole(values, 'publications'),
    rate: whole(values, 'rate'),
    way: whole(values, 'way'),
  }
}

/** @param {Values} values */
const readKill = values => {
  const how = readNodes(values)
  const engine = oneOf(values, 'engine', ['none', 'restart', 'crash', 'pause', 'cut'])
  if (engine !== 'none' && how.backplane !== 'redis' && how.backplane !== 'nats')
    throw new Error(`--engine ${engine} is for --backplane redis and nats`)
  if (how.nodes < 2) throw new Error('--nodes takes at least 2: one is killed')
  return { ...how, engine, replace: values['replace'] === true, away: whole(values, 'away') * 1000 }
}

/** @param {Values} values */
const readMillion = values => ({
  backplane: oneOf(values, 'backplane', ['memory', 'cluster', 'redis', 'nats']),
  persistence: 'none',
  nodes: 2,
  topics: 1,
  clients: whole(values, 'clients'),
  publications: whole(values, 'publications'),
  rate: whole(values, 'rate'),
  history: 1_000,
  window: 400,
})

/** Each chaos: its help, its options, what they come to, and what runs it. */
export const CHAOS = {
  resume: {
    help: RESUME,
    options: { ops: or('100000') },
    /** @param {Values} values */
    read: values => ({ ops: whole(values, 'ops') }),
    /** @param {any} how */
    run: async how => (await import('./resume.mjs')).chaosOfResume(how),
  },
  kill: {
    help: KILL,
    options: { ...nodes, engine: or('none'), away: or('10'), replace: flag },
    read: readKill,
    /** @param {any} how */
    run: async how => (await import('./kill.mjs')).chaosOfKill(how),
  },
  rolling: {
    help: ROLLING,
    options: nodes,
    read: readNodes,
    /** @param {any} how */
    run: async how => (await import('./rolling.mjs')).chaosOfRolling(how),
  },
  million: {
    help: MILLION,
    options: { backplane: text, publications: or('1000000'), rate: or('6000'), clients: or('4') },
    read: readMillion,
    /** @param {any} how */
    run: async how => (await import('./million.mjs')).chaosOfMillion(how),
  },
}

/** @typedef {keyof typeof CHAOS} Name */
/**
 * What each counts, beside what is its own.
 * @typedef {{ lost: number, doubled: number, disordered: number, altered: number, grown?: number, findings: string[], events?: string[] }} Counts
 */

/** @param {Values} values @param {string} name */
function whole(values, name) {
  const given = String(values[name])
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new Error(`--${name} takes a number from 1 to 999999999, not ${given}`)
  return Number(given)
}

/** @template {string} T @param {Values} values @param {string} name @param {readonly T[]} those @returns {T} */
function oneOf(values, name, those) {
  const found = those.find(one => one === values[name])
  if (found === undefined) throw new Error(`--${name} takes ${those.join(', ')}, not ${values[name] ?? 'nothing'}`)
  return found
}

/** @param {readonly string[]} args */
export function readOptions(args) {
  const name = /** @type {Name} */ (args[0]?.startsWith('-') ? '' : (args[0] ?? ''))
  const known = Object.hasOwn(CHAOS, name)
  const isHelp = { help: flag }
  const common = { ...isHelp, seed: text, json: text }
  if (!known && args.includes('--help'))
    return {
      help:
        Object.values(CHAOS)
          .map(({ help }) => help)
          .join('\n\n') + COMMON,
    }
  if (!known) throw new Error(`there is the chaos ${Object.keys(CHAOS).join(', ')}, and no "${name}"; see --help`)
  const { help, options, read } = CHAOS[name]
  /** @type {import('node:util').ParseArgsConfig['options']} */
  const all = { ...common, ...options }
  const values = /** @type {Values} */ (parseArgs({ args: args.slice(1), options: all }).values)
  if (values['help']) return { help: help + COMMON }
  const seed = values['seed'] === undefined ? 1 + Math.floor(Math.random() * 999_999) : whole(values, 'seed')
  const how = { ...read(values), seed }
  // A place that cannot be written to is known before, not after all of it.
  const json = typeof values['json'] === 'string' ? values['json'] : undefined
  if (json !== undefined) writeFileSync(json, '')
  return { name, how, json }
}
