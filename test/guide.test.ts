/** Examples of the guide are run, against the built package: in the test runners that they are for, or as programs. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import { type Block, blocks, root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-guide-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
afterAll(() => rmSync(folder, { recursive: true }))

const guide = ['docs/guide/testing.md', 'docs/guide/contracts.md'].flatMap(blocks)

/** The examples that import this. */
const examplesOf = (specifier: string): Block[] => guide.filter(({ code }) => code.includes(`from '${specifier}'`))

const tests = (examples: Block[]): number => examples.flatMap(({ code }) => code.match(/^test\(/gm) ?? []).length

/** Writes an example as JavaScript, under its page's name and line; gives the name. */
function written({ file, line, code }: Block, extension: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  const name = `${basename(file, '.md')}-${line}${extension}`
  writeFileSync(join(folder, name), outputText)
  return name
}

/** What Node prints. */
async function node(...args: string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', VITEST: '' }
  return (await promisify(execFile)(process.execPath, args, { cwd: folder, env })).stdout
}

test('the examples for Vitest pass in Vitest', async () => {
  const examples = examplesOf('vitest')
  for (const example of examples) written(example, '.test.js')
  const output = await node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder)
  expect(tests(examples)).toBeGreaterThan(4)
  expect(output).toMatch(new RegExp(`Tests +${tests(examples)} passed`))
})

test('the examples for node:test pass in Node', async () => {
  const examples = examplesOf('node:test')
  const names = examples.map(example => written(example, '.node.mjs'))
  const output = await node('--test', '--test-reporter=tap', ...names)
  expect(tests(examples)).toBeGreaterThan(0)
  expect(output).toContain(`# pass ${tests(examples)}\n`)
})

test('the first example of typed messages prints what it says, and ends', async () => {
  const example = guide.find(({ file, language }) => file.endsWith('contracts.md') && language === 'ts')
  expect(await node(written(example ?? expect.unreachable(), '.mjs'))).toBe('lobby: hello\n')
})

test('the first example of topics and requests prints what it says, and ends', async () => {
  const example = examplesOf('hotline/client').find(({ code }) => code.includes('typedTopics'))
  expect(await node(written(example ?? expect.unreachable(), '.mjs'))).toBe('6\nhello\n')
})
