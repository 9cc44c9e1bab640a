/** Three NATS servers that are one: the one that has the stream is killed while it is published to. */
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { startNatsCluster } from '../../../../test/support/nats.ts'
import type { Entry } from '../../src/backplane/backplane.ts'
import { natsBackplane } from '../../src/backplane/nats/index.ts'
import { Log, within } from '../support/deadline.ts'
import { Follower, HISTORY, Publisher, type TestNode, text } from './support.ts'

const program = inject('nats') ?? ''
const COUNT = 600

/** A node of a cluster that may still choose its leader. */
async function open(servers: string[], up = (): void => {}): Promise<TestNode & AsyncDisposable> {
  const events = new Log<'up' | 'down'>()
  for (let left = 20; ; left--) {
    const backplane = natsBackplane({ servers, replicas: 3, stallTimeout: 2000 })
    try {
      await backplane.open({ up, down: () => {} })
      return { backplane, name: `node${left}`, events, [Symbol.asyncDispose]: () => backplane.close() }
    } catch (error) {
      if (left === 0) throw error
    }
  }
}

async function leaderOf(servers: string[], stream: string): Promise<number> {
  const nc = await connect({ servers })
  const { cluster } = await (await jetstreamManager(nc)).streams.info(stream)
  await nc.close()
  return Number(cluster?.leader?.slice(1))
}

describe.skipIf(program === '')('a cluster of NATS', () => {
  test('keeps each publication once and in order when the server that has the stream is killed', async () => {
    const cluster = await startNatsCluster(program)
    onTestFinished(() => cluster[Symbol.asyncDispose]())
    const urls = cluster.servers.map(({ url }) => url)
    const waiting = new Set<Entry>()
    const done = new Log<undefined>()
    const send = async (entry: Entry): Promise<void> => {
      waiting.add(entry)
      await one.backplane.publish('topic', HISTORY, entry)
      waiting.delete(entry)
      done.changed()
    }
    const ignore = (): void => {}
    // What was in flight on a connection that is lost is given again.
    await using one = await open(urls, () => {
      for (const entry of waiting) send(entry).catch(ignore)
    })
    await using other = await open(urls)
    const follower = await Follower.on(other, 'topic')
    const publisher = new Publisher(one)
    const publish = (from: number, to: number): void => {
      for (let at = from; at < to; at++) send(publisher.next(text(`${at}`))).catch(ignore)
    }
    publish(0, 200)
    await done.until('the first', () => waiting.size < 100, 20_000)
    const leader = await leaderOf(urls, 'hotline_t_topic')
    publish(200, 400)
    await within('its end', cluster.servers[leader]?.stop('SIGKILL') as Promise<void>)
    publish(400, COUNT)
    await done.until('all', () => waiting.size === 0, 30_000)
    await follower.untilOffset(COUNT)
    follower.checkWhole(COUNT)
    expect(follower.texts).toEqual(Array.from({ length: COUNT }, (_, at) => `${at}`))
  }, 90_000)
})
