/** docs/reference and docs/architecture.md say what the sources say: options, exports, errors, conformance, folders. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { natsBackplane } from '../packages/hotline/src/backplane/nats/index.ts'
import { NATS_DEFAULTS } from '../packages/hotline/src/backplane/nats/options.ts'
import { redisBackplane } from '../packages/hotline/src/backplane/redis/index.ts'
import { connect } from '../packages/hotline/src/client/connect.ts'
import { BACKOFF, CONNECT_DEFAULTS, HEARTBEAT, QUEUE } from '../packages/hotline/src/client/line/options.ts'
import { resolveClient } from '../packages/hotline/src/client/options.ts'
import { WebSocket } from '../packages/hotline/src/client/websocket.ts'
import { CLIENT_DEFLATE_RULES, DEFLATE_RULES } from '../packages/hotline/src/connection/deflate-options.ts'
import { CLIENT_LIMITS, SERVER_LIMITS } from '../packages/hotline/src/connection/limits.ts'
import { UsageError } from '../packages/hotline/src/errors.ts'
import { attach, serve } from '../packages/hotline/src/server/index.ts'
import { resolveServer } from '../packages/hotline/src/server/options.ts'
import { resolveTopics } from '../packages/hotline/src/server/topic-options.ts'
import { conformancePage, notesIn } from '../scripts/conformance.mjs'
import { entries } from '../scripts/exports.mjs'
import { read, root, sources } from './support/documents.ts'

type Row = string[]

/** The part of a page below a heading. */
function section(page: string, heading: string): string {
  const parts = read(page).split(/^## /m)
  return parts.find(part => part.startsWith(`${heading}\n`)) ?? expect.fail(`${page} has no heading ${heading}`)
}

/** The rows of the tables in a text, without their headings, as cells. */
const rows = (text: string): Row[] =>
  [...text.matchAll(/^\|[-|]+\|\n((?:\|.*\n)+)/gm)].flatMap(([, table = '']) =>
    table
      .trimEnd()
      .split('\n')
      .map(line => line.slice(1, -1).split(' | ')),
  )

/** What stands in backticks. */
const code = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, inside = '']) => inside)

// docs/reference/options.md

/** The options that a table of the page names, with the cells behind the name. */
const optionsUnder = (heading: string): Map<string, Row> =>
  new Map(rows(section('docs/reference/options.md', heading)).map(([name, ...cells]) => [code(name)[0] ?? '', cells]))

const limits = optionsUnder('Of every connection')
const routes = optionsUnder('Of routes and servers')
const servers = optionsUnder('Of servers')
const own = optionsUnder('Of `serve`')
const clients = optionsUnder('Of clients')
const lines = optionsUnder('Of `connect`')
const compression = optionsUnder('Of compression')
const topics = optionsUnder('Of topics')
const redis = optionsUnder('Of `redisBackplane`')
const nats = optionsUnder('Of `natsBackplane`')

const names = (...tables: Map<string, Row>[]): string[] => tables.flatMap(table => [...table.keys()]).sort()

/** The options that there are, as the error about one that there is not lists them. */
async function known(call: (options: never) => unknown): Promise<string[]> {
  const error: unknown = await Promise.resolve({ nonsense: 1 } as never)
    .then(call)
    .catch(error => error)
  if (!(error instanceof UsageError)) throw new Error('an option that there is not was taken', { cause: error })
  return error.message
    .replace(/.* it has /, '')
    .split(', ')
    .sort()
}

test('the options of serve are those of the page', async () => {
  expect(names(limits, routes, servers, own)).toEqual(await known(serve))
})

test('the options of attach are those of the page', async () => {
  expect(names(limits, routes, servers)).toEqual(await known(options => attach(createServer(), options)))
})

test('the options of a route are those of the page, beside its handlers', async () => {
  const handlers = ['authorize', 'close', 'message', 'open', 'run', 'topics']
  const all = await known(options => serve({ routes: { '/': options } }))
  expect(names(limits, routes)).toEqual(all.filter(name => !handlers.includes(name)))
})

test('the options of topics are those of the page, with their defaults', async () => {
  const all = await known(options => serve({ routes: {}, topics: { a: options } }))
  expect(names(topics)).toEqual(all)
  const [[, { rules, subscribe, publish }] = expect.fail('nothing')] = resolveTopics({ a: {} })
  expectDefaults(topics, { ...rules, history: undefined, replay: undefined, presence: false, subscribe, publish }, 0)
})

test('the options of compression are those of the page, with their defaults', () => {
  expect(names(compression)).toEqual(Object.keys(DEFLATE_RULES).sort())
  const defaults = (rules: typeof DEFLATE_RULES): Record<string, unknown> =>
    Object.fromEntries(Object.entries(rules).map(([name, { fallback }]) => [name, fallback]))
  expectDefaults(compression, defaults(DEFLATE_RULES), 0)
  expectDefaults(compression, defaults(CLIENT_DEFLATE_RULES), 1)
})

test('the options of a client are those of the page', async () => {
  expect(names(limits, clients)).toEqual(await known(options => new WebSocket('ws://localhost', [], options)))
})

test('the options of redisBackplane are those of the page', async () => {
  expect(names(redis)).toEqual(await known(redisBackplane))
})

test('the options of connect are those of the page, with their defaults', async () => {
  expect(names(lines)).toEqual(await known(options => connect('ws://localhost', options)))
  const { clock: _, form: __, ...defaults } = CONNECT_DEFAULTS
  expectDefaults(lines, { ...defaults, backoff: BACKOFF, heartbeat: definedIn(HEARTBEAT), queue: QUEUE }, 0)
})

test('the options of natsBackplane are those of the page, with their defaults', async () => {
  expect([...names(nats), 'password'].sort()).toEqual(await known(natsBackplane))
  expectDefaults(nats, NATS_DEFAULTS, 0)
})

const definedIn = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** A default as the page writes it. */
function literal(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return value.toLocaleString('en').replaceAll(',', '_')
  if (typeof value === 'string') return `'${value}'`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (Object.keys(value).length === 0) return '{}'
  return `{ ${Object.entries(value)
    .map(([name, field]) => `${name}: ${literal(field)}`)
    .join(', ')} }`
}

/** The words behind a size or a time: `65_536` (64 KiB), `5_000` (5 s). */
function amount(cell: string): number | undefined {
  const [, count, unit] = /\((\d+) (KiB|MiB|s)\)/.exec(cell) ?? []
  if (count === undefined) return undefined
  return Number(count) * { KiB: 1024, MiB: 1_048_576, s: 1000 }[unit as 'KiB' | 'MiB' | 's']
}

/** Compares the defaults of a table with values; functions and what is not set are in words, and are left to people. */
function expectDefaults(table: Map<string, Row>, values: Record<string, unknown>, column: number): void {
  for (const [name, cells] of table) {
    const cell = cells[column] ?? ''
    const value = values[name]
    if (typeof value === 'function' || value === undefined) continue
    expect(code(cell)[0], name).toBe(literal(value))
    if (amount(cell) !== undefined) expect(amount(cell), name).toBe(value)
  }
}

const fallbacks = (rules: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, rule.fallback]))

test('the defaults of every connection are those of the page', () => {
  expectDefaults(limits, fallbacks(SERVER_LIMITS), 0)
  expectDefaults(limits, fallbacks(CLIENT_LIMITS), 1)
})

test('the defaults of routes and servers are those of the page', () => {
  const resolved = resolveServer({ routes: { '/': {} } }, 'serve')
  expectDefaults(routes, { ...resolved.routes[0]?.[1] }, 0)
  expectDefaults(servers, { ...resolved, routes: undefined, topics: undefined }, 0)
})

test('the defaults of clients are those of the page', () => {
  const resolved = { ...resolveClient({}, 'WebSocket'), headers: undefined, tls: undefined, deflate: true }
  expectDefaults(clients, resolved, 0)
})

test('the defaults of serve are those that its doc comments say', () => {
  const said = read('packages/hotline/src/server/serve.ts').matchAll(
    /@defaultValue (?<said>.*)\n +\*\/\n +readonly (?<name>\w+)/g,
  )
  const comments = new Map([...said].map(({ groups }) => [groups?.['name'] ?? '', groups?.['said'] ?? '']))
  expect([...comments.keys()].sort()).toEqual(names(own).filter(name => name !== 'signal'))
  for (const [name, text] of comments) expect(own.get(name)?.[0]?.replaceAll('`', ''), name).toContain(text)
})

// docs/reference/exports.md

const shared = 'Errors and close codes'

/** The names that a section of the page has in the first columns of its tables. */
function described(heading: string): string[] {
  const text = section('docs/reference/exports.md', heading)
  const here = rows(text).flatMap(([first]) => code(first))
  return text.includes('](#errors-and-close-codes)') ? [...here, ...described(shared)] : here
}

const library = join(root, 'packages/hotline')
const modules = entries().map(({ specifier, types }) => ({
  specifier,
  file: resolve(library, types.replace('./dist/', 'src/').replace('.d.ts', '.ts')),
}))

test('docs/reference/exports.md has every name of every export, and no other', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)
  const program = ts.createProgram(
    modules.map(({ file }) => file),
    options,
  )
  const checker = program.getTypeChecker()
  for (const { specifier, file } of modules) {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
    const exported = checker.getExportsOfModule(symbol).map(({ name }) => name)
    expect(new Set(described(`\`${specifier}\``)), specifier).toEqual(new Set(exported))
  }
})

// docs/reference/errors.md

test('docs/reference/errors.md draws the tree of errors.ts, and has each code with its class', () => {
  const source = read('packages/hotline/src/errors.ts')
  const drawn = /```text\n([\s\S]*?)```/.exec(read('docs/reference/errors.md'))?.[1]
  const tree = [...source.matchAll(/^ \* {5}(.*)$/gm)].map(([, line]) => `${line}\n`).join('')
  expect(drawn).toBe(tree)
  const pairs = [...source.matchAll(/^ \* \| (ERR_\w+) \| (\w+) /gm)].map(([, name, of]) => [name, of])
  const described = rows(section('docs/reference/errors.md', 'Codes')).map(([name, of]) => [code(name)[0], code(of)[0]])
  expect(described).toEqual(pairs)
})

// docs/reference/conformance.md

test('docs/reference/conformance.md is what the comments of the sources say; else `npm run docs`', () => {
  expect(read('docs/reference/conformance.md')).toBe(conformancePage())
})

test('each of the words begins a paragraph of a comment, so that the page has it', () => {
  for (const file of sources) {
    const words = read(file).match(/Stricter than|Deviation:|Gap:/g) ?? []
    expect(notesIn(read(file), file), file).toHaveLength(words.length)
  }
})

// docs/architecture.md

test('docs/architecture.md has a sentence for each folder of the library', () => {
  const folders = readdirSync(join(library, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter(folder => !folder.endsWith('/runtime'))
  const named = rows(section('docs/architecture.md', 'The folders')).map(([first]) => code(first)[0])
  for (const folder of folders) expect(named).toContain(folder)
})

// docs/guide/command.md

test.each(['serve', 'connect', 'bench', 'verify'])(
  'docs/guide/command.md has every option of hotline %s, and no other',
  command => {
    const bin = join(root, 'packages/cli/bin/hotline.js')
    const help = execFileSync(process.execPath, [bin, command, '--help'], { encoding: 'utf8' })
    const shown = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option)
    const tables = rows(section('docs/guide/command.md', `\`hotline ${command}\``))
    const named = tables.flatMap(([first]) => code(first)).filter(name => name.startsWith('--'))
    expect(new Set([...named, '--help'])).toEqual(new Set(shown))
  },
)
