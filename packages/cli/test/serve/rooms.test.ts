/** How a room keeps its pace, with members that are queues under the test's control and a clock that stands still. */
import type { Prepared, ServerSocket } from 'hotline/server'
import { expect, test } from 'vitest'
import { Rooms } from '../../src/serve/rooms.ts'

/** A member whose queue is short until `fill`, and short again after `drain`. */
class Queue {
  state = 'open'
  readonly got: Prepared[] = []
  #sent: Promise<void> = Promise.resolve()
  #drain = (): void => {}
  #fail = (_: Error): void => {}

  send(message: Prepared): Promise<void> {
    this.got.push(message)
    return this.#sent
  }

  fill(): void {
    this.#sent = new Promise((resolve, reject) => {
      this.#drain = resolve
      this.#fail = reject
    })
  }

  drain(): void {
    this.#drain()
    this.#sent = Promise.resolve()
  }

  overflow(): void {
    this.state = 'closing'
    this.#fail(new Error('too much is queued'))
  }

  get socket(): ServerSocket {
    return this as unknown as ServerSocket
  }
}

/** A room with these members. `late` ends the patience of the sender that has waited longest. */
function room(...members: Queue[]) {
  const waiting: (() => void)[] = []
  const rooms = new Rooms(() => new Promise<void>(resolve => waiting.push(resolve)))
  for (const member of members) rooms.join('a', member.socket)
  return {
    rooms,
    late: () => waiting.shift()?.(),
    get waits() {
      return waiting.length
    },
  }
}

/** Whether a promise is settled once everything that can happen now has happened. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise(resolve => setImmediate(resolve, 'pending'))
  return (await Promise.race([promise, turn])) !== 'pending'
}

test('everybody gets the same prepared message, the sender too', async () => {
  const [one, two] = [new Queue(), new Queue()]
  const { rooms } = room(one, two)
  await rooms.publish('a', 'hello')
  expect(one.got).toHaveLength(1)
  expect(two.got[0]).toBe(one.got[0])
})

test('nobody in another room gets it', async () => {
  const [one, two] = [new Queue(), new Queue()]
  const { rooms } = room(one)
  rooms.join('b', two.socket)
  await rooms.publish('a', 'hello')
  expect(two.got).toEqual([])
})

test('who has left gets nothing, and an empty room is forgotten', async () => {
  const [one, two] = [new Queue(), new Queue()]
  const { rooms } = room(one, two)
  rooms.leave('a', one.socket)
  await rooms.publish('a', 'hello')
  expect([one.got.length, two.got.length, rooms.size]).toEqual([0, 1, 1])
  rooms.leave('a', two.socket)
  expect(rooms.size).toBe(0)
  await rooms.publish('a', 'hello')
})

test('a sender waits for a queue that is long, until it is short', async () => {
  const [quick, slow] = [new Queue(), new Queue()]
  const { rooms } = room(quick, slow)
  slow.fill()
  const published = rooms.publish('a', 'hello')
  expect(await settled(published)).toBe(false)
  slow.drain()
  expect(await settled(published)).toBe(true)
})

test('when patience is at its end, the member lags, and nobody waits for it any more', async () => {
  const [quick, slow] = [new Queue(), new Queue()]
  const { rooms, late } = room(quick, slow)
  slow.fill()
  const published = rooms.publish('a', 'one')
  expect(await settled(published)).toBe(false)
  late()
  expect(await settled(published)).toBe(true)
  expect(await settled(rooms.publish('a', 'two'))).toBe(true)
  expect([quick.got.length, slow.got.length]).toEqual([2, 2])
})

test('once its queue is short again, it is waited for again', async () => {
  const slow = new Queue()
  const { rooms, late } = room(slow)
  slow.fill()
  const first = rooms.publish('a', 'one')
  await settled(first)
  late()
  await first
  slow.drain()
  expect(await settled(rooms.publish('a', 'two'))).toBe(true)
  slow.fill()
  expect(await settled(rooms.publish('a', 'three'))).toBe(false)
})

test('a member that keeps up is not called late for what another sender sends it meanwhile', async () => {
  const [slow, quick] = [new Queue(), new Queue()]
  const { rooms, late } = room(slow, quick)
  slow.fill()
  quick.fill()
  const first = rooms.publish('a', 'one')
  expect(await settled(first)).toBe(false)
  quick.drain()
  quick.fill()
  const second = rooms.publish('a', 'two')
  expect(await settled(second)).toBe(false)
  late()
  expect([await settled(first), await settled(second)]).toEqual([true, false])
  expect(await settled(rooms.publish('a', 'three'))).toBe(false)
})

test('a member lags when a connection gives a promise for each message, whoever else sends to it meanwhile', async () => {
  const slow = new Queue()
  const { rooms, late } = room(slow)
  const together = slow.send.bind(slow)
  slow.send = message => together(message).then()
  slow.fill()
  const first = rooms.publish('a', 'one')
  expect(await settled(first)).toBe(false)
  const second = rooms.publish('a', 'two')
  expect(await settled(second)).toBe(false)
  late()
  expect(await settled(first)).toBe(true)
  expect(await settled(rooms.publish('a', 'three'))).toBe(true)
  slow.drain()
  expect(await settled(second)).toBe(true)
  slow.fill()
  expect(await settled(rooms.publish('a', 'four'))).toBe(false)
})

test('a member whose queue overflows holds nobody up, and its error ends with it', async () => {
  const [quick, slow] = [new Queue(), new Queue()]
  const { rooms } = room(quick, slow)
  slow.fill()
  const published = rooms.publish('a', 'one')
  expect(await settled(published)).toBe(false)
  slow.overflow()
  expect(await settled(published)).toBe(true)
  await rooms.publish('a', 'two')
  expect([quick.got.length, slow.got.length]).toEqual([2, 1])
})

test('while everybody keeps up, no timer is started', async () => {
  const members = [new Queue(), new Queue()]
  const all = room(...members)
  for (const message of ['one', 'two', 'three']) await all.rooms.publish('a', message)
  expect(all.waits).toBe(0)
})
