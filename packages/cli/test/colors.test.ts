import { afterEach, expect, test, vi } from 'vitest'
import { colorsFor } from '../src/colors.ts'

afterEach(() => vi.unstubAllEnvs())

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', { isTTY: false }, {}, false],
  ['a file', {}, {}, false],
  ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
  ['a pipe with FORCE_COLOR', { isTTY: false }, { FORCE_COLOR: '1' }, false],
])('%s', (_, stream, env, colored) => {
  for (const [name, value] of Object.entries({ TERM: 'xterm', NO_COLOR: '', ...env })) vi.stubEnv(name, value)
  expect(colorsFor(stream).red('x')).toBe(colored ? '\u001b[31mx\u001b[39m' : 'x')
})
