/** What is special about NATS: its servers start, stop, stall and lose things. The contract of all engines is in contract.ts. */
import { afterAll, describe, expect, inject, test } from 'vitest'
import { NatsServer } from '../../../../test/support/nats.ts'
import type { Backplane, Consumption, Entry, Place } from '../../src/backplane/backplane.ts'
import { type NatsOptions, natsBackplane } from '../../src/backplane/nats/index.ts'
import { Log, within } from '../support/deadline.ts'

const program = inject('nats')
const HISTORY = { size: 100, age: Number.POSITIVE_INFINITY, bytes: 1_048_576 }
const text = (body: Uint8Array): string => new TextDecoder().decode(body)

/** A node that writes down what it is told. */
class Node implements AsyncDisposable {
  readonly log = new Log<string>()
  readonly backplane: Backplane
  #sequence = 0
  readonly name: string

  private constructor(name: string, options: NatsOptions) {
    this.name = name
    this.backplane = natsBackplane(options)
  }

  static async open(name: string, options: NatsOptions): Promise<Node> {
    const node = new Node(name, options)
    await node.backplane.open({ up: () => node.log.push('up'), down: () => node.log.push('down') })
    return node
  }

  entry(body: string, sequence = ++this.#sequence): Entry {
    return { node: this.name, sequence, body: new TextEncoder().encode(body) }
  }

  publish(topic: string, body: string, history: typeof HISTORY | null = HISTORY): Promise<Place | undefined> {
    return this.backplane.publish(topic, history ?? undefined, this.entry(body))
  }

  consume(topic: string, history: typeof HISTORY | null = HISTORY, log = this.log): Consumption {
    return this.backplane.consume(topic, history ?? undefined, {
      state: (place, entries) => log.push(`state ${place.offset} [${entries.map(({ body }) => text(body))}]`),
      kept: ({ offset, body }) => log.push(`${offset} ${text(body)}`),
      passed: ({ body }) => log.push(text(body)),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backplane.close()
  }
}

describe.skipIf(program === undefined)('over one NATS server', async () => {
  const server = program === undefined ? undefined : await NatsServer.start(program)
  const servers = server?.url ?? ''
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('what one node publishes another gets, from what is kept on', async () => {
    await using one = await Node.open('one', { servers })
    await using other = await Node.open('other', { servers })
    expect(await one.publish('room/1', 'a')).toMatchObject({ offset: 1 })
    await within('ready', other.consume('room/1').ready)
    expect(await one.publish('room/1', 'b')).toMatchObject({ offset: 2 })
    await other.log.until('both', all => all.length === 2)
    expect(other.log.all).toEqual(['state 1 [a]', '2 b'])
  })

  test('topics without history pass', async () => {
    await using one = await Node.open('one', { servers })
    await using other = await Node.open('other', { servers })
    await within('ready', other.consume('a b.c/*x/😀//$', null).ready)
    expect(await one.publish('a b.c/*x/😀//$', 'hello', null)).toBe(undefined)
    await other.log.until('it', all => all.length === 1)
    expect(other.log.all).toEqual(['hello'])
  })
})
