/** The engine in memory, by the contract; and the servers of one process, which share it. */
import { expect, test } from 'vitest'
import { Hub } from '../../src/backplane/hub.ts'
import { MemoryBackplane, memoryBackplane } from '../../src/backplane/memory.ts'
import { nodeClock } from '../../src/runtime/node/clock.ts'
import { Log } from '../support/deadline.ts'
import { describeBackplane } from './contract.ts'
import { Follower, HISTORY, Publisher, text } from './support.ts'

describeBackplane('memory', async () => {
  const hub = new Hub({ clock: nodeClock, bytes: 256 * 1_048_576, random: () => crypto.randomUUID() })
  return { make: () => new MemoryBackplane(hub), end: async () => hub.close() }
})

test('what it keeps is gone with the last one that closes it, and it can be opened anew', async () => {
  const backplane = memoryBackplane()
  const nobody = { up() {}, down() {} }
  const node = { backplane, name: 'a', events: new Log<'up' | 'down'>() }
  const publisher = new Publisher(node)
  await backplane.open(nobody)
  const before = await publisher.publish('topic', text('1'))
  await backplane.close()
  await backplane.open(nobody)
  const follower = await Follower.on(node, 'topic')
  expect([follower.offset, follower.epoch === before?.epoch]).toEqual([0, false])
  await publisher.publish('topic', text('2'))
  await follower.until(1)
  await backplane.close()
})

test('the servers of one process share an object: it is over when the last one has closed it', async () => {
  const backplane = memoryBackplane()
  const nobody = { up() {}, down() {} }
  await backplane.open(nobody)
  await backplane.open(nobody)
  const node = { backplane, name: 'a', events: new Log<'up' | 'down'>() }
  const [one, other] = [await Follower.on(node, 'topic'), await Follower.on(node, 'topic')]
  await backplane.publish('topic', HISTORY, { node: 'a', sequence: 1, body: text('1') })
  await backplane.close()
  await backplane.publish('topic', HISTORY, { node: 'b', sequence: 1, body: text('2') })
  await Promise.all([one, other].map(follower => follower.until(2)))
  await backplane.close()
  await expect(backplane.publish('topic', HISTORY, { node: 'a', sequence: 2, body: text('3') })).rejects.toThrow(
    'the backplane is not open',
  )
})
