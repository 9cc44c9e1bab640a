/** The command line as such: help, versions, and what a typing error gets. */
import { readFileSync } from 'node:fs'
import { ClosedError } from 'hotline'
import { expect, test, vi } from 'vitest'
import { explain } from '../src/program.ts'
import { run } from './support/hotline.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

test('hotline alone shows help', async () => {
  const { code, stdout, stderr } = await run([])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('Usage: hotline [options] [command]')
  expect(stdout).toContain('Examples:')
})

test.each([
  [['--help'], 'Usage: hotline [options] [command]'],
  [['help'], 'Usage: hotline [options] [command]'],
  [['help', 'serve'], 'Usage: hotline serve [options]'],
  [['serve', '--help'], '--max-message <size>'],
  [['serve', '--help'], '$ hotline serve --tls-self-signed'],
  [['connect', '-h'], 'Usage: hotline connect [options] <url>'],
  [['connect', '--help'], 'Exit codes:'],
  [['--version'], version],
])('%j prints to standard output: %s', async (args, text) => {
  const { code, stdout, stderr } = await run(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(text)
})

test.each([
  [['srve'], "hotline: unknown command 'srve' (Did you mean serve?); see hotline --help"],
  [['--frob'], "hotline: unknown option '--frob'; see hotline --help"],
  [['serve', '--prot', '1'], "hotline serve: unknown option '--prot' (Did you mean --port?); see hotline serve --help"],
  [
    ['serve', 'extra'],
    "hotline serve: too many arguments for 'serve'. Expected 0 arguments but got 1; see hotline serve --help",
  ],
  [['connect'], "hotline connect: missing required argument 'url'; see hotline connect --help"],
  [
    ['connect', 'ws://x', '--send'],
    "hotline connect: option '-s, --send <text>' argument missing; see hotline connect --help",
  ],
])('%j is one line that says what to do, and exit code 2', async (args, line) => {
  expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` })
})

test('there are no colours but on a terminal', async () => {
  const { stdout, stderr } = await run(['serve', '--nonsense'], '', { env: { FORCE_COLOR: '1', CI: 'true' } })
  expect(stdout + stderr).not.toContain('\u001b')
})

test('help has no colours but on a terminal', async () => {
  expect((await run(['--help'], '', { env: { FORCE_COLOR: '1', CI: 'true' } })).stdout).not.toContain('\u001b')
})

test('an error of a line that no command expected is one line, without what would steer the terminal', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const code = explain(new ClosedError(4401, 'sign\n\u001b[31min'), 'connect')
  const text = write.mock.calls.join('')
  write.mockRestore()
  expect({ code, text }).toEqual({
    code: 1,
    text: 'hotline connect: the socket is closed (4401 sign \\x1b[31min)\n',
  })
})
