/** Lines of hotline.1 that a draining server closes go on at another one: nothing is missing, doubled or out of order. */
import { expect, test } from 'vitest'
import type { Backplane } from '../../src/backplane/backplane.ts'
import { memoryBackplane } from '../../src/backplane/index.ts'
import { connect } from '../../src/client/connect.ts'
import { deferred } from '../../src/connection/deferred.ts'
import { type Server, serve } from '../../src/server/index.ts'
import { Log } from '../support/deadline.ts'

const LINES = 40

const node = (backplane: Backplane): Promise<Server> =>
  serve({
    port: 0,
    backplane,
    topics: { news: { subscribe: true, publish: true, history: { size: 10_000 } } },
    routes: { '/': { topics: true } },
  })

test('while publications go on, from both servers and from the lines', async () => {
  const backplane = memoryBackplane()
  await using old = await node(backplane)
  await using next = await node(backplane)
  const readers = Array.from({ length: LINES }, () => {
    const line = connect(() => (old.draining ? next : old).url ?? '', { protocols: ['hotline.1'] })
    const topic = line.topic('news')
    const subscribed = new Promise(resolve => topic.on('subscribed', resolve))
    return { line, topic, subscribed, got: new Log<string>(), missed: 0 }
  })
  for (const reader of readers) {
    ;(async () => {
      for await (const { data, recovered, passed } of reader.topic) {
        reader.got.push(String(data))
        if (!recovered || passed > 0) reader.missed++
      }
    })()
  }
  await Promise.all(readers.map(({ subscribed }) => subscribed))
  let published = 0
  const answers: Promise<unknown>[] = []
  const publishing = setInterval(() => {
    for (const server of [old, next]) server.publish('news', `${published++}`)
    const { line } = readers[published % LINES] as (typeof readers)[0]
    // What is lost on the way is nobody's fault: it is not published then, or it is for all.
    answers.push(line.publish('news', `${published++}`).catch(() => {}))
  }, 5)
  const report = await old.close({ spread: 300 })
  expect(report).toMatchObject({ closed: LINES, terminated: 0, unfinished: 0 })
  await Promise.all(readers.map(({ line }) => line.opened))
  const there = new Log<number>()
  const look = setInterval(() => there.push(next.sockets.size), 20)
  await there.until('all lines at the other server', all => all.at(-1) === LINES)
  clearInterval(look)
  clearInterval(publishing)
  await Promise.all(answers)
  next.publish('news', 'last')
  await Promise.all(readers.map(({ got }) => got.until('the last publication', all => all.at(-1) === 'last')))
  const [first] = readers.map(({ got }) => got.all)
  expect(new Set(first).size).toBe(first?.length)
  expect(first?.length).toBeGreaterThan(100)
  for (const { got, missed } of readers) {
    expect(got.all).toEqual(first)
    expect(missed).toBe(0)
  }
  await Promise.all(readers.map(({ line }) => line.close()))
})

test('after the answers to what they have published, where that takes its time', async () => {
  const stored = deferred<void>()
  const published = new Log<string>()
  const slow = memoryBackplane()
  const backplane: Backplane = {
    name: slow.name,
    open: events => slow.open(events),
    close: () => slow.close(),
    consume: (...args) => slow.consume(...args),
    publish: async (...args) => {
      published.push('one')
      await stored.promise
      return slow.publish(...args)
    },
  } as Backplane
  await using server = await node(backplane)
  await using line = connect(server.url ?? '', { protocols: ['hotline.1'] })
  const answer = line.publish('news', 'one')
  await published.until('the publication', all => all.length === 1)
  const closing = server.close({ spread: 0 })
  for (const _ of [1, 2, 3]) await new Promise(setImmediate)
  expect(line.status).toBe('open')
  stored.resolve()
  expect(await answer).toEqual({ offset: 1 })
  expect(await closing).toMatchObject({ closed: 1, unfinished: 0 })
})
