import { afterAll, expect, test } from 'vitest'
import { within } from '../../support/deadline.ts'
import { program } from '../../support/program.ts'

const { start, remove } = await program(new URL('./without-wasm.program.ts', import.meta.url))
afterAll(remove)

/** Node 22 itself ends without it, as soon as somebody names one of its web classes, such as MessageEvent. */
const needed = process.versions.node.startsWith('22.')

const ways: [what: string, flags: string[], fast: boolean][] = [
  ['with all that there is', [], true],
  ['without WebAssembly', ['--jitless'], false],
  ['without memory for WebAssembly', ['--wasm-max-mem-pages=0'], false],
]

test.each(ways.filter(([, , fast]) => fast || !needed))(
  'a program echoes %s',
  async (_, flags, fast) => {
    await using it = start(...flags)
    await within('the end of the program', it.ended)
    expect(it.lines.all).toEqual([{ echoed: true, fast }, { exit: 0 }])
  },
  30_000,
)
