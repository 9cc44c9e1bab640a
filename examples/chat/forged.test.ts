/** Clients that nobody made for the chat: what they may not do is denied, and what is said twice is said once. */
import { openSocket } from 'hotline/client'
import { type Server, serve } from 'hotline/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Forger, type Wire } from '../../test/support/forger.ts'
import { createApp } from './app.ts'
import { picture } from './test/support.ts'

/** Somebody in the chat. */
class Stranger extends Forger {
  static async open(url: string, token: unknown): Promise<Stranger> {
    const text = typeof token === 'string' ? token : (JSON.stringify(token) ?? '')
    const protocols = ['hotline.1', ...(text && [`hotline.token.${Buffer.from(text).toString('base64url')}`])]
    return new Stranger(await openSocket(url, { protocols }))
  }

  request(name: string, data: unknown): Promise<Wire> {
    if (data instanceof Uint8Array) return this.ask({ type: 'request', name }, data)
    return this.ask({ type: 'request', name, data })
  }

  enter(room: string): Promise<Wire> {
    return this.ask({ type: 'subscribe', topic: `chat/room/${room}`, last: 50, presence: true })
  }

  /** The data of the publications of a topic. */
  heard(topic: string): unknown[] {
    return this.messages.all.flatMap(one =>
      one['type'] === 'publication' && one['topic'] === topic ? [one['data']] : [],
    )
  }
}

const visitor = (name: string) => ({ secret: `secret-of-${name}-0123456789`, name })

describe('the chat, by hand', () => {
  const app = createApp()
  let server: Server
  beforeAll(async () => {
    const routes = { ...app.routes, '/other': { topics: true } }
    server = await serve({ port: 0, routes, topics: app.topics ?? {}, report: error => expect.fail(`${error}`) })
    app.start?.(server)
  })
  afterAll(async () => {
    app.stop?.()
    await server.close({ within: 1_000 })
  })

  const come = (name: string, path = '/chat'): Promise<Stranger> => Stranger.open(server.url + path, visitor(name))
  const id = (at: number): string => `message-${at}`

  test.each([
    ['no token', undefined],
    ['a token that is no JSON', 'nonsense'],
    ['no secret', { name: 'Eve' }],
    ['a secret that can be guessed', { secret: '1', name: 'Eve' }],
    ['no name', { ...visitor('Eve'), name: '' }],
    ['a name of 10 000 characters', { ...visitor('Eve'), name: 'x'.repeat(10_000) }],
    ['a name that turns the text', { ...visitor('Eve'), name: 'Eve\u202etxt' }],
    ['half a character as a name', { ...visitor('Eve'), name: '\ud800' }],
  ])('%s is closed with 4401 and a reason', async (_, token) => {
    await using eve = await Stranger.open(`${server.url}/chat`, token)
    expect(await eve.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/./) })
  })

  test('who publishes to a room, to the list of rooms or for somebody else is denied', async () => {
    await using ada = await come('Ada')
    await using eve = await come('Eve')
    await ada.enter('denied')
    await eve.enter('denied')
    const { data } = await ada.request('chat/hello', undefined)
    const { key } = data as { key: string }
    await eve.ask({ type: 'subscribe', topic: 'chat/typing/denied' })
    for (const [topic, what] of [
      ['chat/room/denied', { id: id(1), who: key, name: 'Ada', at: 1, text: 'I am Ada' }],
      ['chat/rooms', [{ room: 'mine', count: 1e9 }]],
      ['chat/typing/denied', key],
      ['chat/typing/elsewhere', key],
      ['chat/anything', 1],
    ] as const) {
      expect(await eve.ask({ type: 'publish', topic, data: what })).toMatchObject({ type: 'error', code: 'denied' })
    }
    expect(ada.heard('chat/room/denied')).toEqual([])
  })

  test('who is not in a room may not say, show or look at anything in it', async () => {
    await using ada = await come('Ada')
    await using eve = await come('Eve')
    await ada.enter('closed')
    const say = { room: 'closed', id: id(1), text: 'let me in' }
    const begin = { room: 'closed', id: id(2), title: 'a.png', size: 10, width: 1, height: 1 }
    for (const [name, data] of [
      ['chat/say', say],
      ['chat/picture/begin', begin],
      ['chat/picture/read', { room: 'closed', who: 'x', id: id(3), from: 0 }],
    ] as const) {
      expect(await eve.request(name, data)).toMatchObject({ type: 'error', code: 'denied' })
    }
    await eve.enter('closed')
    await eve.ask({ type: 'unsubscribe', topic: 'chat/room/closed' })
    expect(await eve.request('chat/say', say)).toMatchObject({ code: 'denied' })
    expect(ada.heard('chat/room/closed')).toEqual([])
  })

  test('a line of another route is not in the chat, though it speaks hotline.1', async () => {
    await using eve = await come('Eve', '/other')
    for (const topic of ['chat/room/lobby', 'chat/typing/lobby', 'chat/rooms']) {
      expect(await eve.ask({ type: 'subscribe', topic })).toMatchObject({ type: 'error', code: 'denied' })
    }
  })

  test.each([
    ['a number as text', { text: 7 }],
    ['no text', { text: '' }],
    ['blanks', { text: '  ' }],
    ['2 001 characters', { text: 'x'.repeat(2_001) }],
    ['a control character', { text: 'a\u0007b' }],
    ['no id', { id: undefined }],
    ['an id with markup', { id: '"><script>' }],
    ['a room that is none', { room: '../..' }],
    ['a list as room', { room: ['lobby'] }],
  ])('%s is answered with schema, and with where it does not fit', async (_, wrong) => {
    await using eve = await come('Eve')
    await eve.enter('schema')
    const [field] = Object.keys(wrong)
    const answer = await eve.request('chat/say', { room: 'schema', id: id(1), text: 'x', ...wrong })
    expect(answer).toMatchObject({ code: 'schema', reason: expect.stringMatching(`^${field}: `) })
    expect(eve.heard('chat/room/schema')).toEqual([])
  })

  test.each(['', '../etc', 'a/b', 'Lobby', ' lobby', '*', 'x'.repeat(41)])('%j is no room', async room => {
    await using eve = await come('Eve')
    expect(await eve.enter(room)).toMatchObject({ type: 'error' })
  })

  test('a flood is answered with limit, and others are heard', async () => {
    await using ada = await come('Ada')
    await using eve = await come('Eve')
    await Promise.all([ada.enter('flood'), eve.enter('flood')])
    const say = (at: number): Promise<Wire> => eve.request('chat/say', { room: 'flood', id: id(at), text: `${at}` })
    const atOnce = await Promise.all(Array.from({ length: 100 }, (_, at) => say(at)))
    expect(atOnce.filter(({ code }) => code === 'limit').length).toBeGreaterThan(80)
    const inTurn: Wire[] = []
    for (let at = 100; at < 200; at++) inTurn.push(await say(at))
    const refused = [...atOnce, ...inTurn].filter(({ code }) => code === 'limit')
    expect(inTurn.filter(({ reason }) => reason === 'that is too often: wait a moment').length).toBeGreaterThan(60)
    expect(await ada.request('chat/say', { room: 'flood', id: id(1), text: 'here' })).toMatchObject({ type: 'reply' })
    expect(ada.heard('chat/room/flood')).toHaveLength(200 - refused.length + 1)
    const typing = Array.from({ length: 50 }, () => eve.ask({ type: 'publish', topic: 'chat/typing/flood', data: 'x' }))
    expect((await Promise.all(typing)).filter(({ code }) => code === 'limit').length).toBeGreaterThan(30)
  })

  test('who announces pictures without end is held back', async () => {
    await using eve = await come('Eve')
    await eve.enter('announced')
    const picture = { room: 'announced', title: 'a', size: 4_194_304, width: 1, height: 1 }
    const answers: Wire[] = []
    for (let at = 0; at < 20; at++) answers.push(await eve.request('chat/picture/begin', { ...picture, id: id(at) }))
    expect(answers.filter(({ code }) => code === 'limit').length).toBeGreaterThan(10)
  })

  test('one line has no more than eight topics', async () => {
    await using eve = await come('Eve')
    for (let at = 0; at < 8; at++) expect(await eve.enter(`room ${at}`)).toMatchObject({ type: 'subscribed' })
    expect(await eve.enter('one more')).toMatchObject({ code: 'limit' })
  })

  test('what is said again with the same id has the same answer, is heard once, and does not count', async () => {
    await using ada = await come('Ada')
    await ada.enter('once')
    const say = { room: 'once', id: id(1), text: 'once' }
    const { data } = await ada.request('chat/say', say)
    for (let again = 0; again < 30; again++) {
      await using back = await come('Ada')
      await back.enter('once')
      expect(await back.request('chat/say', say)).toMatchObject({ type: 'reply', data })
    }
    const { room: _, ...words } = say
    const said = { ...words, ...(data as object), who: expect.any(String), name: 'Ada' }
    expect(ada.heard('chat/room/once')).toEqual([said])
  })

  test('an upload goes on behind a lost line, is heard once, and gives the same bytes to who is in the room', async () => {
    const bytes = picture(200, 120)
    const begin = { room: 'upload', id: id(1), title: 'a.png', size: bytes.length, width: 200, height: 120 }
    {
      await using ada = await come('Ada')
      await ada.enter('upload')
      expect(await ada.request('chat/picture/begin', begin)).toMatchObject({ data: { has: 0 } })
      expect(await ada.request('chat/picture/piece', bytes.subarray(0, 32_768))).toMatchObject({
        data: { has: 32_768 },
      })
    }
    await using ada = await come('Ada')
    await using bob = await come('Bob')
    await Promise.all([ada.enter('upload'), bob.enter('upload')])
    let has = 32_768
    expect(await ada.request('chat/picture/begin', begin)).toMatchObject({ data: { has } })
    for (; has < bytes.length; has += 32_768) {
      await ada.request('chat/picture/piece', bytes.subarray(has, has + 32_768))
    }
    const again = await ada.request('chat/picture/begin', begin)
    expect(again).toMatchObject({ data: { has: bytes.length, at: expect.any(Number) } })
    await bob.messages.until('the picture', () => bob.heard('chat/room/upload').length > 0)
    const [said] = bob.heard('chat/room/upload') as { who: string }[]
    expect(bob.heard('chat/room/upload')).toHaveLength(1)
    const pieces: Buffer[] = []
    for (let from = 0; from < bytes.length; from += 32_768) {
      const { data } = await bob.request('chat/picture/read', { room: 'upload', who: said?.who, id: id(1), from })
      pieces.push(data as Buffer)
    }
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
    await bob.enter('elsewhere')
    const elsewhere = { room: 'elsewhere', who: said?.who, id: id(1), from: 0 }
    expect(await bob.request('chat/picture/read', elsewhere)).toMatchObject({ code: 'gone' })
  })

  test.each([
    ['more than was announced', 10, picture(9, 9), 'schema'],
    ['what is no picture', 100, Buffer.from('<svg onload="alert(1)"/>'), 'schema'],
    ['nothing', 100, Buffer.alloc(0), 'schema'],
  ])('an upload of %s is refused', async (_, size, bytes, code) => {
    await using eve = await come('Eve')
    await eve.enter('wrong')
    await eve.request('chat/picture/begin', { room: 'wrong', id: id(size), title: 'a', size, width: 1, height: 1 })
    expect(await eve.request('chat/picture/piece', bytes)).toMatchObject({ code })
    expect(eve.heard('chat/room/wrong')).toEqual([])
  })

  test('a piece that nobody announced is refused, and so is a picture above the limit', async () => {
    await using eve = await come('Eve')
    await eve.enter('wrong')
    expect(await eve.request('chat/picture/piece', picture(1, 1))).toMatchObject({ code: 'gone' })
    const big = { room: 'wrong', id: id(1), title: 'a', size: 4_194_305, width: 1, height: 1 }
    expect(await eve.request('chat/picture/begin', big)).toMatchObject({
      code: 'schema',
      reason: expect.stringMatching(/^size: /),
    })
  })

  test('a message above the limit of the line ends it with 1009', async () => {
    await using eve = await come('Eve')
    await eve.enter('big')
    await eve.send({ type: 'request', id: 99, name: 'chat/say', data: 'x'.repeat(70_000) })
    expect(await eve.closed).toMatchObject({ code: 1009 })
  })
})
