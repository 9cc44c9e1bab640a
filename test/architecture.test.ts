/** The dependency rule holds, and would notice: each rule is broken once, by a planted file, and is named. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { afterAll, expect, test } from 'vitest'
import config from '../.dependency-cruiser.mjs'

/** A small house in order. What stands in `dist` is what the cli package sees through the exports of the library. */
const house = {
  'package.json': '{ "type": "module", "workspaces": ["packages/*"] }',
  'packages/hotline/package.json':
    '{ "name": "hotline", "type": "module", "exports": { "./server": "./dist/server/index.js" } }',
  'packages/hotline/dist/server/index.js': 'export const serve = 1',
  'packages/hotline/src/errors.ts': 'export const error = 1',
  'packages/hotline/src/protocol/frame.ts': "import { error } from '../errors.ts'\nexport const frame = error",
  'packages/hotline/src/connection/connection.ts': "export { frame } from '../protocol/frame.ts'",
  'packages/hotline/src/runtime/node/socket.ts':
    "import 'node:net'\nexport type { frame } from '../../connection/connection.ts'",
  'packages/hotline/src/topics/topic.ts': "export { error } from '../errors.ts'",
  'packages/hotline/src/client/index.ts': "export type { frame } from '../runtime/node/socket.ts'",
  'packages/hotline/src/server/index.ts': "import '../topics/topic.ts'\nimport '../runtime/node/socket.ts'",
  'packages/cli/src/bin.ts': "import 'hotline/server'",
  'examples/chat/server.ts': "import 'hotline/server'",
  'node_modules/installed/package.json': '{ "name": "installed" }',
  'node_modules/installed/index.js': '',
}

/** Each rule of .dependency-cruiser.mjs, and a file that breaks it. */
const violations: [rule: string, file: string, source: string][] = [
  ['protocol-imports', 'packages/hotline/src/protocol/bad.ts', "import '../connection/connection.ts'"],
  ['connection-imports', 'packages/hotline/src/connection/bad.ts', "import '../runtime/node/socket.ts'"],
  ['runtime-imports', 'packages/hotline/src/runtime/node/bad.ts', "import '../../topics/topic.ts'"],
  ['topics-imports', 'packages/hotline/src/topics/bad.ts', "import type {} from '../connection/connection.ts'"],
  ['contract-imports', 'packages/hotline/src/contract/bad.ts', "import '../server/index.ts'"],
  ['observe-imports', 'packages/hotline/src/observe/bad.ts', "import '../connection/connection.ts'"],
  ['backplane-imports', 'packages/hotline/src/backplane/bad.ts', "import '../runtime/node/socket.ts'"],
  ['client-imports', 'packages/hotline/src/client/bad.ts', "import '../server/index.ts'"],
  ['server-imports', 'packages/hotline/src/server/bad.ts', "export * from '../client/index.ts'"],
  ['cluster-imports', 'packages/hotline/src/cluster/bad.ts', "import '../server/index.ts'"],
  ['testing-imports', 'packages/hotline/src/testing/bad.ts', "import '../client/index.ts'"],
  ['errors-import-nothing', 'packages/hotline/src/errors.ts', "import './protocol/frame.ts'"],
  ['node-only-in-runtime-node', 'packages/hotline/src/protocol/bad.ts', "import { createHash } from 'node:crypto'"],
  ['node-only-in-runtime-node', 'packages/hotline/src/server/bad.ts', "import type { Server } from 'http'"],
  ['lines-run-in-browsers', 'packages/hotline/src/client/line/bad.ts', "import '../index.ts'"],
  ['library-without-dependencies', 'packages/hotline/src/server/bad.ts', "import 'installed'"],
  ['public-exports-only', 'packages/cli/src/bad.ts', "import '../../hotline/src/errors.ts'"],
  ['public-exports-only', 'examples/chat/bad.ts', "import '../../packages/hotline/src/server/index.ts'"],
  ['nothing-imports-cli', 'packages/hotline/src/server/bad.ts', "import '../../../cli/src/bin.ts'"],
  ['no-cycles', 'packages/hotline/src/protocol/bad.ts', "export * from './bad.ts'"],
  ['no-unresolvable', 'packages/cli/src/bad.ts', "import 'hotline/dist/server/index.js'"],
]

const root = mkdtempSync(join(tmpdir(), 'hotline-architecture-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Builds the house with the planted files, and names the rules that it breaks. */
async function broken(name: string, planted: Record<string, string> = {}): Promise<string[]> {
  const baseDir = join(root, name)
  for (const [file, source] of Object.entries({ ...house, ...planted })) {
    mkdirSync(dirname(join(baseDir, file)), { recursive: true })
    writeFileSync(join(baseDir, file), source)
  }
  symlinkSync('../packages/hotline', join(baseDir, 'node_modules/hotline'), 'junction')
  const { output } = await cruise(['packages', 'examples'], {
    ...config.options,
    ruleSet: config,
    validate: true,
    baseDir,
  })
  return (output as ICruiseResult).summary.violations.map(violation => violation.rule.name)
}

test('a house in order breaks no rule', async () => expect(await broken('in order')).toEqual([]))

for (const [index, [rule, file, source]] of violations.entries())
  test(`${rule} refuses ${source} in ${file}`, async () => {
    expect(await broken(`violation ${index}`, { [file]: source })).toContain(rule)
  })

test('each rule is broken by one of these', () => {
  const rules = config.forbidden?.map(rule => rule.name)
  expect(new Set(violations.map(([rule]) => rule))).toEqual(new Set(rules))
})
