/** Pictures of the chat on two servers: seen on both, by who is in the room, for as long as they are kept. */
import { createHash } from 'node:crypto'
import { memoryBackplane } from 'hotline/backplane'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSwallower } from '../../test/support/swallower.ts'
import { partOf, pictureOf } from './contract.ts'
import { LIMITS, type Said } from './messages.ts'
import { Guest } from './test/guest.ts'
import { ChatServer, Stranger } from './test/servers.ts'
import { picture } from './test/support.ts'

/** More than two parts. */
const big = Uint8Array.from(picture(700, 520))
const small = Uint8Array.from(picture(8, 8))

describe('pictures on two servers', () => {
  let one: ChatServer
  let other: ChatServer
  beforeAll(async () => {
    const backplane = memoryBackplane()
    ;[one, other] = await Promise.all([ChatServer.start(backplane), ChatServer.start(backplane)])
  })
  afterAll(() => Promise.all([one.end(), other.end()]))

  const at =
    ({ url }: ChatServer) =>
    () =>
      url

  /** What somebody sees of a picture, in the end. */
  async function seenBy(who: Guest, title: string): Promise<string> {
    await who.seen.until(title, () => who.pictures.has(title))
    const seen = who.pictures.get(title) ?? ''
    return typeof seen === 'string' ? seen : sumOf(seen)
  }

  /** Announces a picture and sends it, by hand. Gives who, and the last answer. */
  async function sent(who: Stranger, room: string, id: string, bytes: Uint8Array) {
    const { data } = await who.request('chat/hello', undefined)
    const announced = { room, id, title: id, size: bytes.length, width: 1, height: 1 }
    let answer = await who.request('chat/picture/begin', announced)
    for (let from = 0; from < bytes.length; from += LIMITS.piece) {
      answer = await who.request('chat/picture/piece', bytes.subarray(from, from + LIMITS.piece))
    }
    expect(answer).toMatchObject({ data: { has: bytes.length, at: expect.any(Number) } })
    return (data as { key: string }).key
  }

  test('one shown on either server is seen on both, the same bytes, also by who comes later', async () => {
    expect(big.length).toBeGreaterThan(2 * LIMITS.part)
    await using ada = await Guest.enter('Ada', at(one), 'seen')
    await using bob = await Guest.enter('Bob', at(other), 'seen')
    ada.show('big', big)
    bob.show('small', small)
    expect(await seenBy(bob, 'big')).toBe(sumOf(big))
    expect(await seenBy(ada, 'small')).toBe(sumOf(small))
    for (const server of [one, other]) {
      await using eve = await Guest.enter('Eve', at(server), 'seen')
      for (const [title, bytes] of Object.entries({ big, small })) {
        expect(await seenBy(eve, title)).toBe(sumOf(bytes))
      }
    }
    for (const { server } of [one, other]) {
      const read = server.topics.names.filter(topic => server.topics.stats(topic)?.subscribers)
      expect(read.filter(topic => topic.startsWith('chat/picture/'))).toEqual([])
    }
  })

  test('one whose upload was cut off goes to the other server from the beginning, and stands once', async () => {
    const way = await startSwallower(one.port)
    let url = `ws://127.0.0.1:${way.port}`
    try {
      await using ada = await Guest.enter('Ada', () => url, 'cut')
      await using bob = await Guest.enter('Bob', at(one), 'cut')
      way.cutAfter(big.length / 2)
      ada.line.line.on('status', () => {
        url = other.url
      })
      ada.show('big', big)
      expect(await seenBy(bob, 'big')).toBe(sumOf(big))
      await ada.sees('done big')
      expect(way.connections).toBe(1)
      expect(bob.seen.all.filter(what => what.startsWith('said'))).toHaveLength(1)
    } finally {
      await way.end()
    }
  })

  test('one whose server is gone is still seen on the other', async () => {
    const backplane = memoryBackplane()
    const [first, second] = await Promise.all([ChatServer.start(backplane), ChatServer.start(backplane)])
    {
      await using ada = await Guest.enter('Ada', at(first), 'left')
      ada.show('big', big)
      await ada.sees('done big')
    }
    await first.end()
    {
      await using bob = await Guest.enter('Bob', at(second), 'left')
      expect(await seenBy(bob, 'big')).toBe(sumOf(big))
    }
    await second.end()
  })

  test('one that had to go for others is kept on no server, and that is said', async () => {
    await using ada = await Stranger.come(one, 'Ada')
    await ada.enter('full')
    const key = await sent(ada, 'full', 'picture-1', big)
    await using watcher = await Stranger.come(other, 'Watcher')
    await watcher.enter('full')
    const parts = [0, 1, 2].map(part => partOf('full', pictureOf(key, 'picture-1'), part))
    for (const part of parts) await watcher.subscribe(part)
    // More than a server keeps.
    for (let person = 0; person < 5; person++) {
      await using eve = await Stranger.come(one, `Eve-${person}`)
      await eve.enter('full')
      for (let at = 0; at < 4; at++) {
        const announced = { room: 'full', id: `picture-${at}`, title: 'a', size: LIMITS.picture, width: 1, height: 1 }
        expect(await eve.request('chat/picture/begin', announced)).toMatchObject({ data: { has: 0 } })
      }
    }
    for (const part of parts) {
      await watcher.messages.until('nothing', () => (watcher.heard(part).at(-1) as Buffer | undefined)?.length === 0)
    }
    for (const server of [one, other]) {
      await using bob = await Guest.enter('Bob', at(server), 'full')
      expect(await seenBy(bob, 'picture-1')).toBe('the picture is not kept any more')
    }
  })

  test('nobody sees the pictures of a room without being in it, or publishes there', async () => {
    await using ada = await Stranger.come(one, 'Ada')
    await ada.enter('closed')
    const key = await sent(ada, 'closed', 'picture-1', small)
    const part = partOf('closed', pictureOf(key, 'picture-1'), 0)
    await using eve = await Stranger.come(other, 'Eve')
    await eve.enter('elsewhere')
    for (const topic of [part, 'chat/picture/closed', 'chat/picture/x', 'chat/picture/closed/**']) {
      expect(await eve.subscribe(topic)).toMatchObject({ type: 'error' })
    }
    const read = { room: 'closed', who: key, id: 'picture-1', from: 0 }
    expect(await eve.request('chat/picture/read', read)).toMatchObject({ code: 'denied' })
    await eve.enter('closed')
    for (const topic of [part, 'chat/picture/elsewhere/x/y/0']) {
      expect(await eve.ask({ type: 'publish', topic }, small)).toMatchObject({ code: 'denied' })
    }
    expect(await eve.request('chat/picture/read', read)).toMatchObject({ code: 'elsewhere' })
    await eve.subscribe(part)
    await eve.messages.until('it', () => eve.heard(part).length === 1)
    expect(eve.heard(part)).toEqual([Buffer.from(small)])
    const [said] = ada.heard('chat/room/closed') as Said[]
    expect(said).toMatchObject({ who: key, id: 'picture-1', picture: { size: small.length } })
  })

  test('who asks for pictures, or for rooms, without end is held back', async () => {
    await using eve = await Stranger.come(other, 'Eve')
    await eve.enter('asked')
    for (const [ask, most] of [
      [(at: number) => `chat/picture/asked/x/y/${at}`, 40],
      [(at: number) => `chat/room/asked ${at}`, 60],
    ] as const) {
      const answers: unknown[] = []
      for (let at = 0; at < 100; at++) {
        answers.push((await eve.subscribe(ask(at)))['code'])
        await eve.ask({ type: 'unsubscribe', topic: ask(at) })
      }
      expect(answers.filter(code => code === undefined).length).toBeLessThan(most)
      expect(answers.at(-1)).toBe('limit')
    }
  })
})

const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
