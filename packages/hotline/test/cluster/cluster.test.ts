/** The backplane of node:cluster, by the contract: a primary and workers in processes of their own. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeBackplane } from '../backplane/contract.ts'
import { Cluster, type Driven } from '../backplane/driver.ts'
import { Follower, HISTORY, Publisher, text, unique } from '../backplane/support.ts'
import { Log } from '../support/deadline.ts'
import { program } from '../support/program.ts'

let built: Awaited<ReturnType<typeof program>>

beforeAll(async () => {
  built = await program(new URL('../backplane/cluster.program.ts', import.meta.url))
})

afterAll(() => built.remove())

describeBackplane('of node:cluster', async () => {
  const cluster = await begin()
  return {
    make: () => cluster.make(),
    forget: backplane => (backplane as Driven).leave(),
    restart: {
      durable: false,
      stop: () => cluster.tell('stop', 'stopped'),
      start: () => cluster.tell('start', 'started'),
    },
    pause: { stop: async () => cluster.signal('SIGSTOP'), start: async () => cluster.signal('SIGCONT') },
    end: () => cluster.end(),
  }
}, ['restart', 'pause'])

/** A primary that relays. */
async function begin(): Promise<Cluster> {
  const cluster = await Cluster.start(built.start())
  await cluster.tell('start', 'started')
  return cluster
}

async function open(cluster: Cluster) {
  const backplane = cluster.make()
  const events = new Log<'up' | 'down'>()
  await backplane.open({ up: () => events.push('up'), down: () => events.push('down') })
  return { backplane, events, name: unique('node') }
}

test('a worker that is killed is forgotten at once, and what it had published is kept', async () => {
  const cluster = await begin()
  try {
    const [one, other] = await Promise.all([open(cluster), open(cluster)])
    const follower = await Follower.on(one, 'topic')
    const told = new Log<string>()
    one.backplane.attendance('topic', (node, word) => told.push(`${node} ${word && Buffer.from(word)}`))
    await other.backplane.attend('topic', other.name, text('here'))
    await new Publisher(other).publish('topic', text('1'))
    process.kill(other.backplane.pid, 'SIGKILL')
    await told.until('its end', all => all.includes(`${other.name} undefined`))
    await new Publisher(one).publish('topic', text('2'))
    await follower.until(2)
    follower.checkWhole(2)
    const next = await open(cluster)
    expect((await Follower.on(next, 'topic', HISTORY)).texts).toEqual(['1', '2'])
  } finally {
    await cluster.end()
  }
})

test('without a relay in the primary, or without bytes between the processes, the opening says what to do', async () => {
  const cluster = await Cluster.start(built.start())
  try {
    await expect(open(cluster)).rejects.toThrow('call relay()')
    await cluster.tell('json', 'json')
    await cluster.tell('start', 'started')
    await expect(open(cluster)).rejects.toThrow("serialization: 'advanced'")
  } finally {
    await cluster.end()
  }
}, 30_000)
