// What other nodes say about their members, as one node keeps it: for as long as it counts.
import { expect, test } from 'vitest'
import { ATTENDANCE } from '../../src/backplane/backplane.ts'
import { Elsewhere } from '../../src/backplane/elsewhere.ts'
import { readAttendance, toAttendance } from '../../src/backplane/roll.ts'

/** Who is there, with how many say so; and how many more. */
class Room {
  readonly holders = new Map<string, number>()
  others = 0
  /** Members that were gone for a moment. */
  readonly flickers: string[] = []

  enter({ key }: { key: string }): void {
    this.holders.set(key, (this.holders.get(key) ?? 0) + 1)
  }

  leave(key: string): void {
    const left = (this.holders.get(key) ?? 0) - 1
    if (left > 0) this.holders.set(key, left)
    else {
      this.holders.delete(key)
      this.flickers.push(key)
    }
  }

  more(count: number): void {
    this.others = count
  }
}

const roll = (...keys: string[]) => toAttendance(new Map(keys.map(key => [key, { data: key }])), 3)

function room() {
  const present = new Room()
  const elsewhere = new Elsewhere(present)
  const there = (): string => [...present.holders].map(([key, count]) => `${key}${count}`).join(' ')
  return { present, elsewhere, there }
}

test('what a node said counts until it says otherwise, or for so long', () => {
  const { elsewhere, there } = room()
  elsewhere.heard('a', roll('x', 'y'), 0)
  elsewhere.heard('b', roll('y'), 10)
  expect(there()).toBe('x1 y2')
  elsewhere.heard('a', roll('x'), 20)
  expect(there()).toBe('x1 y1')
  elsewhere.expire(ATTENDANCE + 10)
  expect(there()).toBe('x1')
  elsewhere.expire(ATTENDANCE + 20)
  expect(there()).toBe('')
})

test('what was said before an outage counts from its end on again', () => {
  const { elsewhere, there } = room()
  elsewhere.heard('a', roll('x'), 0)
  elsewhere.renew(10 * ATTENDANCE)
  elsewhere.expire(11 * ATTENDANCE - 1)
  expect(there()).toBe('x1')
  elsewhere.expire(11 * ATTENDANCE)
  expect(there()).toBe('')
})

test('who stays is there all the time, with new data too', () => {
  const { elsewhere, present } = room()
  elsewhere.heard('a', roll('x'), 0)
  elsewhere.heard('a', toAttendance(new Map([['x', { data: 'new' }]]), 3), 0)
  elsewhere.heard('a', roll('x', 'y'), 0)
  expect(present.flickers).toEqual([])
})

test('numbers of nodes with too many for names are added, and go when those are fewer', () => {
  const { elsewhere, present, there } = room()
  elsewhere.heard('a', roll('1', '2', '3', '4'), 0)
  elsewhere.heard('b', roll('1', '2', '3', '4', '5'), 0)
  expect(present.others).toBe(9)
  elsewhere.heard('a', roll('1'), 0)
  expect([present.others, there()]).toEqual([5, '11'])
  elsewhere.end()
  expect([present.others, there()]).toEqual([0, ''])
})

test('members without data, and what JSON cannot have as a number, are as they were', () => {
  expect(readAttendance(toAttendance(new Map([['x', { data: undefined }]]), 1))).toEqual({
    members: new Map([['x', undefined]]),
  })
  expect(() => toAttendance(new Map([['x', { data: 1n }]]), 1)).toThrow(TypeError)
})
