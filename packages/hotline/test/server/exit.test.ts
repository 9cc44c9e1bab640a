import { expect, test } from 'vitest'
import { within } from '../support/deadline.ts'
import { program } from '../support/program.ts'

test('a program that has closed its server and its sockets has nothing left open, and ends by itself', async () => {
  const { start, remove } = await program(new URL('./exit.program.ts', import.meta.url))
  await using it = start()
  const code = await within('the end of the program', it.ended)
  remove()
  expect(it.errors).toBe('')
  expect(it.lines.all).toEqual([
    { echoed: 'hello' },
    { report: { closed: 3, left: 0, terminated: 0, unfinished: 1, refused: 1, seconds: expect.any(Number) } },
    { ends: [1001, 1001, 1006, true] },
    { left: [] },
    { exit: 0 },
  ])
  expect(code).toBe(0)
}, 30_000)
