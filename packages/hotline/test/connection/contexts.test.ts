// What lines remember of what they have sent may be forgotten at any time: when it is idle, or others need the memory.
import { describe, expect, test } from 'vitest'
import { ContextBudget } from '../../src/connection/contexts.ts'
import type { Deflater } from '../../src/connection/deflate-engine.ts'
import { FakeClock } from '../../src/runtime/memory/clock.ts'

const SIZE = 100

/** A budget, and lines that use it. */
function setUp(limit: number) {
  const clock = new FakeClock()
  const budget = new ContextBudget(limit, clock)
  const closed: object[] = []
  const use = (line: object): Deflater | undefined =>
    budget.deflaterOf(line, SIZE, () => ({ deflate: () => undefined, reset: () => {}, close: () => closed.push(line) }))
  return { clock, budget, closed, use }
}

const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]

describe('what a line has sent', () => {
  test('is remembered while it is used, and forgotten when it was not for 30 to 45 s', async () => {
    const { clock, budget, closed, use } = setUp(1000)
    const first = use(a)
    use(b)
    for (let i = 0; i < 10; i++) {
      await clock.advance(10_000)
      expect(use(a)).toBe(first)
    }
    expect(closed).toEqual([b])
    expect(budget.used).toBe(SIZE)
    await clock.advance(29_000)
    expect(closed).toEqual([b])
    await clock.advance(16_000)
    expect(closed).toEqual([b, a])
    expect(budget.used).toBe(0)
    expect(use(a)).not.toBe(first)
  })

  test('is not remembered where that would take it from a line that speaks', () => {
    const { budget, closed, use } = setUp(2 * SIZE)
    use(a)
    use(b)
    expect(use(c)).toBeUndefined()
    expect(closed).toEqual([])
    expect(budget.used).toBe(2 * SIZE)
  })

  test('takes the memory of the line that was silent for longest, a second at least', async () => {
    const { clock, closed, use } = setUp(2 * SIZE)
    use(a)
    use(b)
    await clock.advance(999)
    use(a)
    await clock.advance(1)
    expect(use(c)).toBeDefined()
    expect(closed).toEqual([b])
  })

  test('is given back when the line closes, and no timer stays for it', async () => {
    const { clock, budget, closed, use } = setUp(1000)
    use(a)
    budget.forget(a)
    budget.forget(a)
    expect(closed).toEqual([a])
    expect(budget.used).toBe(0)
    expect(clock.pending).toBe(0)
  })
})

describe('what a peer may refer to', () => {
  test('is reserved, and makes others forget what they have sent, the one that was silent for longest first', () => {
    const { budget, closed, use } = setUp(3 * SIZE)
    for (const line of [a, b, c]) use(line)
    expect(budget.hasRoom(150)).toBe(true)
    budget.reserve(150)
    expect(closed).toEqual([a, b])
    expect(budget.used).toBe(250)
  })

  test('has no room where everything is reserved, until some is given back', () => {
    const { budget, use } = setUp(3 * SIZE)
    budget.reserve(250)
    expect(budget.hasRoom(51)).toBe(false)
    expect(use(a)).toBeUndefined()
    budget.reserve(-250)
    expect(budget.hasRoom(300)).toBe(true)
    expect(use(a)).toBeDefined()
  })
})
