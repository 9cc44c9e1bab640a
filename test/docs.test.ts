/** The documents tell the truth: each TypeScript block compiles, each command is run here or elsewhere, each link leads somewhere. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { compile } from './support/compile.ts'
import { blocks, pages, read, root, sources } from './support/documents.ts'
import { Shell } from './support/shell.ts'

/** What a fence may say. `ts` is compiled, `sh` is run, the others are neither: output, data and pictures. */
const languages = ['ts', 'sh', 'js', 'json', 'yaml', 'html', 'text', 'http', 'mermaid']

/** Commands that are run here, as they stand. */
const here = /^(npm ci && npm start|npm start -w hotline-example-|npx hotline|openssl|curl|node|echo|printf)\b/

/** Commands that something else runs: the file that does so, and what stands in it. */
const elsewhere: [command: RegExp, file: string, proof: string][] = [
  [/^npm ci$/, '.ci/run', 'npm ci'],
  [/^(npm ci && )?npm test$/, '.ci/run', 'npm test'],
  [/^npm run check$/, '.ci/run', 'npm run check'],
  [/^bash \.ci\/run$/, '.ci/run', '#!'],
  [/^npm run build$/, 'scripts/check.mjs', 'npm run build'],
  [/^npm run coverage$/, 'scripts/check.mjs', 'npm run coverage'],
  [/^npm run test:nodes$/, '.ci/run', 'scripts/nodes.mjs'],
  [
    /^HOTLINE_LANE=public npx hotline serve$/,
    'packages/hotline/test/runtime/node/probe.test.ts',
    "'HOTLINE_LANE', 'public'",
  ],
  [/^npx hotline serve .*--workers (auto|4)\b/, 'packages/cli/test/commands/serve.workers.test.ts', "'--workers'"],
  [/^npx hotline serve .*--backplane redis:/, 'packages/cli/test/commands/serve.backplane.test.ts', "'--backplane'"],
  [/^npm run fuzz( -- .*)?$/, 'fuzz/fuzz.test.ts', "'start.mjs'"],
  [/^npm run ticker$/, 'test/ticker.test.ts', 'scripts/ticker/main.mjs'],
  [/^npm run chaos -- resume --ops 100000$/, 'test/chaos.test.ts', 'scripts/chaos/main.mjs'],
  [
    /^npm run chaos -- (kill|rolling|million) --backplane redis( --engine pause)?$/,
    'test/chaos.nodes.test.ts',
    "chaos('kill'",
  ],
  [/^npm ci --prefix bench$/, 'test/scaling.test.ts', 'hotline, '],
  [/^npm run scaling( -- --help)?$/, 'test/scaling.test.ts', 'scripts/scaling/main.mjs'],
  [/^npm run soak$/, 'test/soak.test.ts', 'scripts/soak/soak.mjs'],
  [/^npm run attack$/, 'test/attack.test.ts', "'attack/main.mjs'"],
  [/^npm run bench( -- .*)?$/, 'test/bench.test.ts', "'bench/main.mjs'"],
  // The runs of record take minutes; the test has a small one with the same options.
  [
    /^npx hotline compare --(duration 12|rate 20|rate 0\.25) .*--json \w+\.json( --svg \w+\.svg)?$/,
    'packages/cli/test/commands/compare.test.ts',
    "'--svg'",
  ],
  [/^npm run api$/, 'package.json', '"api":'],
  [/^npm run format$/, 'package.json', '"format":'],
  [/^npx vitest run packages\/hotline\/test\/protocol$/, 'package.json', '--coverage packages/hotline/test/protocol'],
  [/^npm pack -w hotline$/, 'scripts/sizes.mjs', "['pack', '--dry-run', '--json', '-w', 'hotline'"],
  [/^npm start -w hotline-example-rolling$/, 'examples/rolling/rolling.test.ts', "'rolling.js'"],
  [
    /^npm start -w hotline-example-seed-client$/,
    'examples/seed-client/client.test.ts',
    "readFileSync(new URL('client.js'",
  ],
  [/^npm install hotline$/, 'packages/hotline/package.json', '"name": "hotline"'],
]

test('the TypeScript in documents and in doc comments compiles', () => {
  const typescript = [...pages, ...sources].flatMap(blocks).filter(({ language }) => language === 'ts')
  expect(compile(typescript)).toEqual([])
})

test.each(pages)('%s says what each of its blocks is', page => {
  for (const { language, line } of blocks(page)) expect(languages, `line ${line}`).toContain(language)
})

test.each(pages)('the commands in %s are run', async page => {
  await using shell = new Shell()
  for (const command of commands(page)) {
    const known = elsewhere.find(([pattern]) => pattern.test(command))
    if (known) expect(read(known[1]), `${known[1]} does not run \`${command}\` any more`).toContain(known[2])
    else if (here.test(command)) await shell.run(command)
    else expect.fail(`nothing runs \`${command}\`: add it to the tables in test/docs.test.ts`)
  }
})

test.each(pages)('the links in %s lead to files of the repository', page => {
  const links = [...read(page).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, link = '']) => link)
  for (const link of links) expect(existsSync(join(root, dirname(page), link)), link).toBe(true)
})

test('each example is run by tests beside it', () => {
  const folder = join(root, 'examples')
  // What has no package.json is what they share.
  const examples = readdirSync(folder).filter(name => existsSync(join(folder, name, 'package.json')))
  for (const name of examples) {
    const tested = readdirSync(join(folder, name), { recursive: true }).some(file => String(file).endsWith('.test.ts'))
    expect(tested, `examples/${name} has no test`).toBe(true)
  }
})

/** The commands of the `sh` blocks: comments left out, lines that end with a backslash joined. */
function commands(page: string): string[] {
  return blocks(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
    .map(line => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean)
}
