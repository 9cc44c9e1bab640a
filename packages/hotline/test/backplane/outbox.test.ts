// What a node has published and is not stored: never given again when engines may have forgotten it, and let go with its publisher.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock, settle } from '../../src/runtime/memory/clock.ts'
import { Source } from '../../src/topics/source.ts'
import { HISTORY, Node, type NodeOptions, Reader } from './nodes.ts'
import { World } from './shaky.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const topic = 'kept/a'
const topics = { 'kept/*': { history: HISTORY } }

let clock: FakeClock
let world: World

beforeEach(() => {
  clock = new FakeClock()
  world = new World(clock)
})

async function arrive(): Promise<void> {
  do await settle()
  while (world.settle())
}

async function open(exchange: NodeOptions['exchange'] = {}): Promise<Node> {
  const node = new Node(world.node(), clock, { topics, exchange })
  await node.exchange.open()
  return node
}

describe('a publication that was in flight when the engine was lost', () => {
  test('is not given again after a time for which engines need not know it, however long its publisher waits', async () => {
    const [here, there] = [await open({ publishTimeout: 600_000 }), await open()]
    const reader = new Reader()
    there.subscribe(reader, topic)
    await arrive()
    const { stored } = here.publish(topic, '1')
    const waits = here.publish('kept/b', '2').stored
    await settle()
    here.engine.cut(1)
    await clock.advance(130_000)
    here.engine.mend()
    const { stored: later } = here.publish(topic, '3')
    await arrive()
    await expect(stored).rejects.toMatchObject({ kept: 'unknown' })
    await expect(waits).rejects.toMatchObject({ kept: 'unknown' })
    expect(await later).toMatchObject({ offset: 2 })
    expect(reader.texts).toEqual(['1', '3'])
  })

  test('has an error that says so when the node is closed, and one that waits has another', async () => {
    const here = await open()
    const inFlight = here.publish(topic, '1').stored
    await settle()
    const closed = here.exchange.close(Promise.resolve())
    await clock.advance(0)
    await closed
    await expect(inFlight).rejects.toMatchObject({
      kept: 'unknown',
      message: 'the server was closed before the backplane had answered',
    })
    await expect(here.publish(topic, '2').stored).rejects.toMatchObject({ kept: 'no', message: 'the server is closed' })
  })
})

describe('a publication that is certainly not stored', () => {
  /** Publishes a text, and returns what is left of it when nobody else holds it. */
  const publish = (node: Node): WeakRef<Source> => {
    const source = new Source('a text that is let go', false)
    node.exchange.publish(topic, source, undefined)
    return new WeakRef(source)
  }

  const expectGone = async (one: WeakRef<Source>): Promise<void> => {
    // In a task of its own, nothing is held by the stack.
    await new Promise(resolve => setImmediate(resolve))
    gc()
    expect(one.deref()).toBeUndefined()
  }

  test('is let go at once when it was refused', async () => {
    const here = await open({ whenAway: 'fail' })
    here.subscribe(new Reader(), topic)
    await arrive()
    here.engine.cut(0)
    await expectGone(publish(here))
  })

  test('is let go when its time is over, though its topic is still waited for', async () => {
    const here = await open()
    here.engine.cut(0)
    here.subscribe(new Reader(), topic)
    const one = publish(here)
    await clock.advance(31_000)
    expect(here.exchange.state.pending).toBe(0)
    await expectGone(one)
  })
})
