/** How a topic with history is read, step by step, from a Redis that says what the test wants. */
import { expect, test } from 'vitest'
import type { Links } from '../../src/backplane/redis/links.ts'
import { Names } from '../../src/backplane/redis/names.ts'
import { Reading } from '../../src/backplane/redis/reading.ts'
import { settle } from '../../src/runtime/memory/clock.ts'
import { Follower, HISTORY } from './support.ts'

const entry = (offset: number) => [
  Buffer.from(`0-${offset}`),
  ['w', `node ${offset} 1`, 'b', `${offset}`].map(text => Buffer.from(text)),
]
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

/** A stream with the offsets from `first` to `last`, read when `answer` is called. */
class Stream {
  first = 1
  last = 0
  epoch = 'one'
  /** The arguments of the reads: epoch, offset, and whether it goes on. */
  readonly reads: string[] = []
  readonly failures: Error[] = []
  /** Called inside of the subscription. */
  onSubscribe = (): void => {}
  #hear: ((message: Buffer, channel: Buffer) => void) | undefined
  #waiting: (() => void)[] = []

  readonly links = {
    isCluster: false,
    of: () => this.#link,
    fail: (error: Error) => this.failures.push(error),
  } as unknown as Links

  readonly #link = {
    server: { run: 'run', durable: '0', cluster: false },
    subscribe: async (_kind: string, _channel: string, hear: (message: Buffer, channel: Buffer) => void) => {
      this.#hear = hear
      this.onSubscribe()
    },
    unsubscribe: async () => {},
    run: (_script: string, _keys: string[], [, , epoch, offset, , goesOn]: string[]) => {
      this.reads.push(`${epoch}:${offset}:${goesOn}`)
      return this.#later(() => this.#head(epoch as string, Number(offset), goesOn === '1'))
    },
    command: (command: string, _stream: string, from: string, _to: string, _count: string, count: string) => {
      const [, at] = from.split('-')
      return this.#later(() => this.#page(command === 'XRANGE', Number(at), Number(count)))
    },
  }

  tell(offset: number, epoch = this.epoch): void {
    this.#hear?.(Buffer.from(`${epoch} ${offset} node ${offset}\n${offset}`), Buffer.from('channel'))
  }

  /** Answers what was asked, as it is now; the answers arrive. */
  async answer(): Promise<void> {
    await settle()
    for (const answer of this.#waiting.splice(0)) answer()
    await settle()
  }

  #later<T>(what: () => T): Promise<T> {
    return new Promise(resolve => this.#waiting.push(() => resolve(what())))
  }

  #head(epoch: string, offset: number, goesOn: boolean): unknown {
    const follows = goesOn && epoch === this.epoch && (offset === this.last || offset + 1 >= this.first)
    const page = follows ? this.#page(true, offset, 3) : this.#page(false, this.last + 1, 3)
    return [this.epoch, this.last, 3, 0]
      .map(value => Buffer.from(`${value}`))
      .concat([follows ? 1 : 0, page] as never[])
  }

  /** Behind the offset, or before it backwards. */
  #page(forwards: boolean, offset: number, count: number): unknown[] {
    const all = range(this.first, this.last)
    const some = forwards ? all.filter(at => at > offset) : all.filter(at => at < offset).reverse()
    return some.slice(0, count).map(entry)
  }
}

function read(stream: Stream): { follower: Follower; reading: Reading } {
  const follower = new Follower()
  const reading = new Reading('topic', HISTORY, follower, new Names('p:', 0), { forget() {}, refused() {} })
  void reading.start(stream.links)
  return { follower, reading }
}

async function begun(last: number): Promise<{ stream: Stream; follower: Follower; reading: Reading }> {
  const stream = new Stream()
  stream.last = last
  const it = read(stream)
  for (let page = 0; page <= last / 3; page++) await stream.answer()
  expect(it.follower.calls).toEqual(['state'])
  return { stream, ...it }
}

test('what the channel brings before the state is told behind it, and not what is in it', async () => {
  const stream = new Stream()
  stream.last = 2
  stream.onSubscribe = () => {
    stream.tell(1)
    stream.tell(2)
  }
  const { follower } = read(stream)
  await settle()
  stream.tell(3)
  await stream.answer()
  stream.tell(4)
  expect(follower.calls).toEqual(['state', 'kept', 'kept'])
  follower.checkWhole(4)
  expect(stream.reads).toEqual([':0:0'])
})

test('a history is read from its end, in pages', async () => {
  const { stream, follower } = await begun(8)
  expect(follower.states[0]?.map(({ offset }) => offset)).toEqual(range(1, 8))
  expect(stream.failures).toEqual([])
})

test('what is dropped while it is read is not in what is told, and what is told has no hole', async () => {
  const stream = new Stream()
  stream.last = 8
  const { follower } = read(stream)
  await stream.answer()
  stream.first = 5
  await stream.answer()
  await stream.answer()
  expect(follower.states[0]?.map(({ offset }) => offset)).toEqual([5, 6, 7, 8])
})

test('a hole is read, and what comes meanwhile follows', async () => {
  const { stream, follower } = await begun(2)
  stream.last = 7
  stream.tell(7)
  for (const _ of range(1, 3)) await stream.answer()
  stream.tell(8)
  follower.checkWhole(8)
  expect(follower.calls.filter(call => call === 'state')).toHaveLength(1)
  expect(stream.reads).toEqual([':0:0', 'one:2:1'])
})

test('a hole that is gone from the stream is a new state', async () => {
  const { stream, follower } = await begun(2)
  stream.first = 6
  stream.last = 7
  stream.tell(7)
  await stream.answer()
  expect(follower.states.at(-1)?.map(({ offset }) => offset)).toEqual([6, 7])
  expect(follower.problems).toEqual(['a gap from 2 to 5'])
})

test('what was told twice is passed over', async () => {
  const { stream, follower } = await begun(2)
  for (const offset of [1, 2, 3, 3, 2]) stream.tell(offset)
  follower.checkWhole(3)
  expect(stream.reads).toHaveLength(1)
})

test('another epoch on the channel is read before it is believed; what is of the one before is passed over then', async () => {
  const { stream, follower } = await begun(2)
  stream.epoch = 'two'
  stream.last = 1
  stream.tell(1)
  await settle()
  stream.tell(3, 'one')
  stream.tell(2)
  await stream.answer()
  stream.tell(3)
  expect(follower.epochs).toEqual(['one', 'two'])
  expect(follower.offset).toBe(3)
  expect(follower.problems).toEqual([])
})

test('of more than can wait while it is read, what is missing is read as well', async () => {
  const stream = new Stream()
  stream.last = 1
  const { follower } = read(stream)
  await stream.answer()
  stream.last = 3
  stream.tell(3)
  await settle()
  for (const offset of range(4, 2000)) stream.tell(offset)
  await stream.answer()
  stream.last = 2000
  for (let page = 0; page < 700 && follower.offset < 2000; page++) await stream.answer()
  follower.checkWhole(2000)
})

test('one that ends inside of what waited behind the state gets nothing more', async () => {
  const stream = new Stream()
  stream.last = 1
  const { follower, reading } = read(stream)
  await settle()
  for (const offset of [2, 3, 4]) stream.tell(offset)
  follower.onHeard = ({ sequence }) => sequence === 2 && reading.end()
  await stream.answer()
  expect(follower.heard.map(({ offset }) => offset)).toEqual([1, 2])
})

test('over new connections all is told anew', async () => {
  const { stream, follower, reading } = await begun(2)
  reading.pause()
  stream.tell(3)
  const again = new Stream()
  again.last = 3
  void reading.start(again.links)
  await again.answer()
  again.tell(4)
  expect(follower.calls).toEqual(['state', 'state', 'kept'])
  expect(again.reads).toEqual(['one:2:0'])
  follower.checkWhole(4)
})
