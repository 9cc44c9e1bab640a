/** The chat on two servers that an engine joins: what holds over memory holds over each of them, and in Chromium. */
import { createHash } from 'node:crypto'
import type { Backplane } from 'hotline/backplane'
import { natsBackplane } from 'hotline/nats'
import { redisBackplane } from 'hotline/redis'
import { describe, expect, inject, test } from 'vitest'
import { logged, serving } from '../../packages/cli/test/support/hotline.ts'
import { chromium, launch } from '../../test/support/browser.ts'
import { Middle } from '../../test/support/middle.ts'
import { NatsServer } from '../../test/support/nats.ts'
import { startRedis } from '../../test/support/redis.ts'
import { Guest } from './test/guest.ts'
import { ChatServer, Stranger } from './test/servers.ts'
import { Person, picture, pixelsOf } from './test/support.ts'

const quick = { timeout: 20_000, interval: 20 }
const redis = inject('redis')
const nats = inject('nats')
const big = Uint8Array.from(picture(700, 520))

/** Two people talk, show a picture and say something twice; then one server goes, and both are on the other. */
async function talk(join: () => Backplane): Promise<void> {
  const [one, other] = await Promise.all([ChatServer.start(join()), ChatServer.start(join())])
  let { url } = one
  {
    await using ada = await Guest.enter('Ada', () => url, 'engine')
    await using bob = await Guest.enter('Bob', () => other.url, 'engine')
    for (const who of [ada, bob]) await who.seen.until('both', () => who.names.join() === 'Ada,Bob')
    for (let at = 0; at < 5; at++) for (const who of [ada, bob]) who.room.say(`${at}`)
    ada.show('big', big)
    await bob.seen.until('the picture', () => bob.pictures.has('big'))
    expect(sumOf(bob.pictures.get('big') as Buffer)).toBe(sumOf(big))
    await using twice = await Stranger.come(other, 'Ada')
    await twice.enter('engine')
    for (const who of [ada, bob]) await who.seen.until('all', () => who.texts.length === 10)
    await using eve = await Stranger.come(one, 'Ada')
    await eve.enter('engine')
    const say = { room: 'engine', id: 'message-1', text: 'twice' }
    for (const who of [eve, twice]) expect(await who.request('chat/say', say)).toMatchObject({ type: 'reply' })
    await bob.sees('again twice')
    url = other.url
    await one.end()
    ada.room.say('behind')
    for (const who of [ada, bob]) await who.sees('said behind')
    expect(ada.texts).toEqual(bob.texts)
    expect(bob.texts).toHaveLength(12)
    for (const who of [ada, bob]) expect(who.seen.all.filter(what => /left|gap/.test(what))).toEqual([])
  }
  await other.end()
}

test.skipIf(redis === undefined)('Redis', async () => {
  const engine = await startRedis(redis as string)
  try {
    await talk(() => redisBackplane(engine.url))
  } finally {
    await engine.end()
  }
})

test.skipIf(nats === undefined)('NATS', async () => {
  await using engine = await NatsServer.start(nats as string)
  await talk(() => natsBackplane(engine.url))
})

test('workers of one port, of which one is killed', async () => {
  await using server = await serving('--workers', '2')
  const told = (msg: string) => logged(server).filter(line => line['msg'] === msg)
  const guests: Guest[] = []
  // The system deals lines out in turn.
  while (guests.length < 2 || new Set(told('opened').map(({ worker }) => worker)).size < 2) {
    guests.push(await Guest.enter(`Guest-${guests.length}`, () => server.url, 'workers'))
    await server.err.until('the line in the log', () => told('opened').length >= guests.length)
  }
  const everybody = (text: string) => guests.map((guest, at) => guest.room.say(`${text} ${at}`))
  const all = (count: number) =>
    Promise.all(guests.map(({ seen, texts }) => seen.until(`${count} texts`, () => texts.length >= count)))
  everybody('before')
  guests[0]?.show('big', big)
  await all(guests.length)
  for (const guest of guests.slice(1)) {
    await guest.seen.until('the picture', () => guest.pictures.has('big'))
    expect(sumOf(guest.pictures.get('big') as Buffer)).toBe(sumOf(big))
  }
  process.kill(told('a worker serves').find(({ worker }) => worker === 1)?.['pid'] as number, 'SIGKILL')
  everybody('meanwhile')
  await all(2 * guests.length)
  for (const guest of guests) {
    expect(guest.texts).toEqual(guests[0]?.texts)
    expect(guest.texts).toHaveLength(2 * guests.length)
    expect(guest.seen.all.filter(what => /left|gap/.test(what))).toEqual([])
    await guest[Symbol.asyncDispose]()
  }
})

describe.skipIf(!chromium || redis === undefined)('two pages at two servers', () => {
  test('see each other, wait for what joins them, and go on when one server is killed', async () => {
    const engine = await startRedis(redis as string)
    let enginePort = engine.port
    await using toEngine = await Middle.start(() => enginePort)
    const [browser, one, other] = await Promise.all([
      launch(),
      serving('--backplane', engine.url),
      serving('--backplane', `redis://127.0.0.1:${toEngine.port}`),
    ])
    let { port } = new URL(one.url)
    const way = await Middle.start(() => Number(port))
    try {
      await using ada = await Person.enter(browser, `ws://127.0.0.1:${way.port}`, 'Ada')
      await using bob = await Person.enter(browser, other.url, 'Bob')
      for (const { page } of [ada, bob]) await page.getByText('2 people here').waitFor()
      await ada.composer.pressSequentially('hello')
      await bob.page.getByText('Ada is typing…').waitFor()
      await ada.page.keyboard.press('Enter')
      await bob.sees('hello')
      await bob.say('hello Ada')
      await ada.sees('hello Ada')
      const file = { name: 'noise.png', mimeType: 'image/png', buffer: Buffer.from(big) }
      await ada.page.locator('#file').setInputFiles(file)
      const images = [ada, bob].map(({ page }) => page.getByRole('img', { name: 'Picture from Ada: noise.png' }))
      const [own, seen] = await Promise.all(images.map(pixelsOf))
      expect(seen).toBe(own)
      // Nothing listens there.
      enginePort = 1
      toEngine.cut()
      await bob.status('Connected to this server only').waitFor()
      await bob.say('from afar')
      await bob.page.locator('#own', { hasText: 'from afar' }).waitFor()
      enginePort = engine.port
      for (const who of [ada, bob]) await who.sees('from afar')
      await bob.page.getByText('Connected', { exact: true }).waitFor()
      port = new URL(other.url).port
      one.process.kill('SIGKILL')
      await one.ended()
      await ada.say('behind')
      for (const who of [ada, bob]) await who.sees('behind')
      for (const who of [ada, bob]) {
        expect(await who.texts()).toEqual(['hello', 'hello Ada', 'from afar', 'behind'])
        expect((await who.notices()).filter(notice => /left|missing/.test(notice))).toEqual([])
        await expect.poll(() => who.page.locator('#rooms .count').allTextContents(), quick).toEqual(['2'])
        expect(await who.page.locator('#own > *').count()).toBe(0)
        expect(who.faults).toEqual([])
      }
    } finally {
      await Promise.all([browser.close(), way[Symbol.asyncDispose](), one[Symbol.asyncDispose]()])
      await other[Symbol.asyncDispose]()
      await engine.end()
    }
  })
})

const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
