/** docs/guide/testing.md: its examples pass in the test runners that they are for, against the built package. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import { blocks, root } from './support/documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotline-testing-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
afterAll(() => rmSync(folder, { recursive: true }))

const examples = blocks('docs/guide/testing.md').filter(({ language }) => language === 'ts')

/** Runs the examples that import this runner, and gives what it printed. */
async function run(runner: string, name: (line: number) => string, command: string[]): Promise<string> {
  const mine = examples.filter(({ code }) => code.includes(`from '${runner}'`))
  for (const { line, code } of mine) {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    })
    writeFileSync(join(folder, name(line)), outputText)
  }
  expect(mine).not.toEqual([])
  const files = command[0] === '--test' ? mine.map(({ line }) => name(line)) : []
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', VITEST: '' }
  const { stdout } = await promisify(execFile)(process.execPath, [...command, ...files], { cwd: folder, env })
  return stdout
}

/** What is said in either runner of the tests that passed, by the examples. */
const passed = (runner: string): number =>
  examples.filter(({ code }) => code.includes(`from '${runner}'`)).flatMap(({ code }) => code.match(/^test\(/gm)).length

test('the examples for Vitest pass in Vitest', async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const output = await run('vitest', line => `line-${line}.test.js`, [vitest, 'run', '--root', folder])
  expect(output).toMatch(new RegExp(`Tests +${passed('vitest')} passed`))
})

test('the examples for node:test pass in Node', async () => {
  const output = await run('node:test', line => `line-${line}.node.mjs`, ['--test', '--test-reporter=tap'])
  expect(output).toContain(`# pass ${passed('node:test')}\n`)
})
