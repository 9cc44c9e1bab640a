import { describe, expect, test } from 'vitest'
import { type LineData, Outbox, type Queue } from '../../../src/client/line/outbox.ts'

/** An outbox, with what became of each message that is put into it. */
function outbox(limits: Partial<Queue>) {
  const fates: Record<string, string> = {}
  const told: LineData[] = []
  const box = new Outbox({ count: 3, bytes: 100, policy: 'refuse', ...limits }, data => told.push(data))
  const add = (...texts: string[]): void => {
    for (const data of texts) {
      box.add({
        data,
        sent: () => void (fates[data] = 'sent'),
        failed: error => void (fates[data] = error.message),
      })
    }
  }
  const sent: LineData[] = []
  const drain = (count = Infinity): boolean =>
    box.drain(
      () => sent.length < count,
      data => void sent.push(data),
    )
  return { box, fates, told, add, sent, drain }
}

const COUNT = 'too much waits (queue.count: 3)'
const BYTES = 'too much waits (queue.bytes: 100)'

describe('what waits to be sent', () => {
  test('goes out in order, as far as there is room', () => {
    const { add, sent, drain, fates, box } = outbox({})
    add('a', 'b', 'c')
    expect(drain(2)).toBe(false)
    expect([sent, fates, box.count]).toEqual([['a', 'b'], { a: 'sent', b: 'sent' }, 1])
    expect(drain()).toBe(true)
    expect([sent.at(-1), box.count]).toEqual(['c', 0])
  })

  const cases: [policy: Queue['policy'], left: string[], fates: Record<string, string>, told: string[]][] = [
    ['refuse', ['a', 'b', 'c'], { d: COUNT, e: COUNT }, []],
    ['drop-newest', ['a', 'b', 'c'], { d: COUNT, e: COUNT }, ['d', 'e']],
    ['drop-oldest', ['c', 'd', 'e'], { a: COUNT, b: COUNT }, ['a', 'b']],
  ]
  test.each(cases)('is bounded in count: %s', (policy, left, fates, told) => {
    const all = outbox({ policy })
    all.add('a', 'b', 'c', 'd', 'e')
    expect([all.fates, all.told]).toEqual([fates, told])
    all.drain()
    expect(all.sent).toEqual(left)
  })

  test('is bounded in bytes: the oldest go until the new one fits', () => {
    const [long, longer] = ['l'.repeat(60), 'm'.repeat(90)]
    const all = outbox({ policy: 'drop-oldest' })
    all.add('a', long, longer)
    expect(all.fates).toEqual({ a: BYTES, [long]: BYTES })
    expect(all.told).toEqual(['a', long])
    all.add('0123456789', 'x')
    expect(all.told).toEqual(['a', long, longer])
  })

  test('is left alone by one that could never fit', () => {
    const huge = 'h'.repeat(101)
    const all = outbox({ policy: 'drop-oldest' })
    all.add('a', 'b', huge)
    expect([all.fates, all.told, all.box.count]).toEqual([{ [huge]: BYTES }, [huge], 2])
  })

  test('takes nothing at all with a count of 0', () => {
    const all = outbox({ count: 0, policy: 'drop-oldest' })
    all.add('a')
    expect([all.told, all.box.count]).toEqual([['a'], 0])
  })

  test('can be taken back once, and fails with the line', () => {
    const all = outbox({})
    const message = { data: 'x', sent: () => {}, failed: () => expect.fail('it was taken back') }
    all.box.add(message)
    expect([all.box.remove(message), all.box.remove(message)]).toEqual([true, false])
    all.add('a', 'b')
    all.box.fail(new Error('over'))
    expect([all.fates, all.box.count]).toEqual([{ a: 'over', b: 'over' }, 0])
  })
})
