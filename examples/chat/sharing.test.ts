/** What a server of the chat gives to others: its list of rooms again and again, and pictures as long as it keeps them. */
import type { Server } from 'hotline/server'
import { afterEach, expect, test, vi } from 'vitest'
import { LIMITS } from './messages.ts'
import { Directory } from './server/directory.ts'
import { give, takeBack } from './server/parts.ts'
import { Upload } from './server/pictures.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A server of which only this is needed: what it publishes is written down, and stored when the test says so. */
function server(people: Record<string, number> = {}) {
  const published: { readonly topic: string; readonly data: unknown; store(): void }[] = []
  const backplane = { up: true }
  const topics = { names: Object.keys(people), presence: (topic: string) => ({ count: people[topic] ?? 0 }) }
  const publish = (topic: string, data: unknown) => ({
    subscribers: 0,
    stored: new Promise<void>(store => published.push({ topic, data, store })),
  })
  return { published, backplane, people, server: { backplane, topics, publish } as unknown as Server }
}

test('the list of rooms is told when it changes, again after five seconds, and not while the others are away', () => {
  vi.useFakeTimers()
  const { published, backplane, people, server: one } = server({ 'chat/room/a': 1, 'chat/room/b': 0, 'other/c': 9 })
  const directory = new Directory(one)
  const told = (ms: number): unknown[] => {
    published.length = 0
    vi.advanceTimersByTime(ms)
    return published.map(({ data }) => (data as { rooms: unknown }).rooms)
  }
  expect(told(4_999)).toEqual([[{ room: 'a', count: 1 }]])
  expect(told(5_000)).toHaveLength(1)
  people['chat/room/b'] = 2
  expect(told(500)).toEqual([
    [
      { room: 'b', count: 2 },
      { room: 'a', count: 1 },
    ],
  ])
  backplane.up = false
  people['chat/room/a'] = 0
  expect(told(60_000)).toEqual([])
  backplane.up = true
  expect(told(500)).toEqual([[{ room: 'b', count: 2 }]])
  people['chat/room/b'] = 0
  expect(told(60_000)).toEqual([[]])
  people['chat/room/b'] = 1
  directory.stop()
  expect(told(60_000)).toEqual([])
})

const upload = (): Upload =>
  new Upload('ada/1', { room: 'r', id: '1', title: '', width: 1, height: 1, size: 2 * LIMITS.part + 1 })

test('a picture is given part by part, each when the one before is stored', async () => {
  const { published, server: one } = server()
  const given = give(one, upload())
  for (const [at, size] of [LIMITS.part, LIMITS.part, 1].entries()) {
    await vi.waitUntil(() => published.length > at)
    expect(published).toHaveLength(at + 1)
    expect(published[at]).toMatchObject({ topic: `chat/picture/r/ada/1/${at}`, data: { length: size } })
    published[at]?.store()
  }
  await given
})

test('a picture that has to go while it is given is given no further, and what was given is taken back', async () => {
  const { published, server: one } = server()
  const picture = upload()
  takeBack(one, picture)
  expect(published).toEqual([])
  const given = give(one, picture)
  picture.isKept = false
  takeBack(one, picture)
  published[0]?.store()
  await expect(given).rejects.toMatchObject({ answer: { code: 'gone' } })
  expect(published.slice(1).map(({ topic, data }) => [topic, (data as Uint8Array).length])).toEqual([
    ['chat/picture/r/ada/1/0', 0],
    ['chat/picture/r/ada/1/1', 0],
    ['chat/picture/r/ada/1/2', 0],
  ])
})
