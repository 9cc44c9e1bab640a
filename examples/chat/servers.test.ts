/** The chat on two servers that a backplane makes one: what one says on either stands once on both, whichever goes. */
import { memoryBackplane } from 'hotline/backplane'
import { serve, typedRoute, typedTopics } from 'hotline/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Shaky, World } from '../../packages/hotline/test/backplane/shaky.ts'
import { startSwallower } from '../../test/support/swallower.ts'
import { chat, topicOf } from './contract.ts'
import type { Said } from './messages.ts'
import { Chat } from './server/chat.ts'
import { Guest } from './test/guest.ts'
import { ChatServer, Stranger } from './test/servers.ts'

describe('the chat on two servers', () => {
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

  test('what is said on either is heard on both, in one order, and who is there is known on both', async () => {
    await using ada = await Guest.enter('Ada', at(one), 'across')
    await using bob = await Guest.enter('Bob', at(other), 'across')
    for (const who of [ada, bob]) await who.seen.until('both', () => who.names.join() === 'Ada,Bob')
    ada.room.typing()
    await bob.sees('Ada is typing…')
    for (let at = 0; at < 10; at++) {
      ada.room.say(`Ada ${at}`)
      bob.room.say(`Bob ${at}`)
    }
    for (const who of [ada, bob]) await who.seen.until('all', () => who.texts.length === 20)
    expect(bob.texts).toEqual(ada.texts)
    await using eve = await Guest.enter('Eve', at(other), 'across')
    expect(eve.texts).toEqual(ada.texts)
  })

  test('what is said again at another server, with the same id, stands once', async () => {
    await using bob = await Guest.enter('Bob', at(other), 'again')
    for (const server of [one, other]) {
      await using ada = await Stranger.come(server, 'Ada')
      await ada.enter('again')
      const answer = await ada.request('chat/say', { room: 'again', id: 'message-1', text: 'once' })
      expect(answer).toMatchObject({ type: 'reply' })
    }
    await bob.sees('again once')
    await using eve = await Guest.enter('Eve', at(one), 'again')
    for (const who of [bob, eve]) expect(who.texts).toEqual(['once'])
  })

  test('one who asks twice at once, over two lines, has the answer twice and is heard once', async () => {
    await using bob = await Stranger.come(other, 'Bob')
    await using ada = await Stranger.come(one, 'Ada')
    await using back = await Stranger.come(one, 'Ada')
    for (const who of [bob, ada, back]) await who.enter('twice')
    const say = { room: 'twice', id: 'message-1', text: 'once' }
    const [first, second] = await Promise.all([ada.request('chat/say', say), back.request('chat/say', say)])
    expect(second['data']).toEqual(first['data'])
    await ada.request('chat/say', { ...say, id: 'message-2', text: 'behind' })
    await bob.messages.until('both', () => bob.heard('chat/room/twice').length >= 2)
    expect(bob.heard('chat/room/twice')).toMatchObject([{ text: 'once' }, { text: 'behind' }])
  })

  test('one whose answer is lost sees at the other server that it was said, and does not say it again', async () => {
    const way = await startSwallower(one.port)
    let url = `ws://127.0.0.1:${way.port}`
    try {
      await using ada = await Guest.enter('Ada', () => url, 'answer')
      await using bob = await Guest.enter('Bob', at(other), 'answer')
      way.hold()
      ada.room.say('was it heard?')
      await bob.sees('said was it heard?')
      url = other.url
      way.cut()
      await ada.sees('done was it heard?')
      ada.room.say('it was')
      for (const who of [ada, bob]) {
        await who.sees('said it was')
        expect(who.texts).toEqual(['was it heard?', 'it was'])
        expect(who.seen.all.filter(what => /again|gap/.test(what))).toEqual([])
      }
    } finally {
      await way.end()
    }
  })

  test('the busy rooms are those of all servers, with the people of all servers', async () => {
    await using ada = await Guest.enter('Ada', at(one), 'busy')
    await using bob = await Guest.enter('Bob', at(other), 'busy')
    await using eve = await Guest.enter('Eve', at(other), 'only there')
    await using max = await Guest.enter('Max', at(one), 'only here')
    const rooms = { busy: 2, 'only there': 1, 'only here': 1 }
    for (const who of [ada, bob, eve, max]) {
      const counts = (): object =>
        Object.fromEntries(who.busy.filter(({ room }) => room in rooms).map(({ room, count }) => [room, count]))
      await who.seen.until(
        JSON.stringify(rooms),
        () => JSON.stringify(counts(), sorted) === JSON.stringify(rooms, sorted),
      )
    }
  })

  test('a server that is closed loses nothing of two who talk: the line goes on to the other one', async () => {
    const backplane = memoryBackplane()
    const [first, second] = await Promise.all([ChatServer.start(backplane), ChatServer.start(backplane)])
    let url = first.url
    {
      await using ada = await Guest.enter('Ada', () => url, 'going')
      await using bob = await Guest.enter('Bob', at(second), 'going')
      for (const who of [ada, bob]) await who.seen.until('both', () => who.names.join() === 'Ada,Bob')
      const said: string[] = []
      const talk = (): void => {
        for (const [name, who] of [
          ['Ada', ada],
          ['Bob', bob],
        ] as const) {
          said.push(`${name} ${said.length}`)
          who.room.say(said.at(-1) as string)
        }
      }
      talk()
      url = second.url
      const ended = first.end()
      for (let times = 0; times < 3; times++) talk()
      await ended
      await ada.seen.until('the other server', all => all.filter(what => what === 'open').length === 2)
      talk()
      for (const who of [ada, bob]) await who.seen.until('all', () => who.texts.length >= said.length)
      expect(ada.texts.toSorted()).toEqual(said.toSorted())
      expect(bob.texts).toEqual(ada.texts)
      for (const who of [ada, bob]) expect(who.seen.all.filter(what => /left|gap/.test(what))).toEqual([])
      await using eve = await Guest.enter('Eve', at(second), 'going')
      expect(eve.texts).toEqual(bob.texts)
    }
    await second.end()
  })
})

const sorted = ['busy', 'only there', 'only here']

/** An engine that is cut off and slow as a test wants it. */
function shaky(): { readonly world: World; readonly engine: Shaky } {
  const world = new World({
    now: () => performance.now(),
    setTimeout(callback, ms) {
      const timer = setTimeout(callback, ms)
      return { clear: () => clearTimeout(timer) }
    },
  })
  world.isQuick = true
  return { world, engine: world.node() }
}

test('what cannot be stored says why, waits, and is said once when the servers have each other again', async () => {
  const { engine } = shaky()
  const server = await ChatServer.start(engine, { whenAway: 'fail', report: () => {} })
  {
    await using ada = await Guest.enter('Ada', () => server.url, 'apart')
    engine.cut(0)
    ada.room.say('hello')
    await ada.sees('waiting hello the servers have lost each other')
    engine.mend()
    await ada.sees('done hello')
    expect(ada.texts).toEqual(['hello'])
  }
  await server.end()
})

test('what is asked for again while it is not stored yet is said once, and answered when it is', async () => {
  const { world, engine } = shaky()
  const server = await ChatServer.start(engine)
  {
    await using ada = await Stranger.come(server, 'Ada')
    await using back = await Stranger.come(server, 'Ada')
    for (const who of [ada, back]) await who.enter('slow')
    const say = { room: 'slow', id: 'message-1', text: 'once' }
    world.isQuick = false
    const answers = [ada, back].map(who => who.request('chat/say', say))
    // What is asked behind it is answered: it has come.
    for (const who of [ada, back]) await who.request('chat/hello', undefined)
    world.isQuick = true
    world.settle()
    const [first, second] = await Promise.all(answers)
    expect(second?.['data']).toEqual(first?.['data'])
    await ada.request('chat/say', { ...say, id: 'message-2', text: 'behind' })
    await ada.messages.until('both', () => ada.heard('chat/room/slow').length >= 2)
    expect(ada.heard('chat/room/slow')).toMatchObject([{ text: 'once' }, { text: 'behind' }])
  }
  await server.end()
})

test('what was taken stands in its place, though the answer comes first, and stands all the same when it does not come', async () => {
  const said = (id: string, who: string): Said => ({ id, who, name: who, at: 1, text: `${who} says it` })
  const all = { subscribe: true }
  const server = await serve({
    port: 0,
    topics: typedTopics(chat, { 'chat/rooms': all, 'chat/room/*': all, 'chat/typing/*': all }),
    routes: {
      '/chat': typedRoute(chat, {
        requests: {
          ...new Chat().requests,
          'chat/hello': () => ({ key: 'Ada', name: 'Ada' }),
          'chat/say': ({ socket }, { id, text }) => {
            const tell = (): void => {
              socket.publish(topicOf('place'), said('message-1', 'Bob'))
              socket.publish(topicOf('place'), said(id, 'Ada'))
            }
            if (text === 'Ada says it') setImmediate(tell)
            return { at: 1 }
          },
        },
      }),
    },
  })
  {
    await using ada = await Guest.enter('Ada', () => server.url as string, 'place')
    for (const text of ['Ada says it', 'and this']) {
      ada.room.say(text)
      await ada.sees(`done ${text}`)
    }
    ada.room.say('on the way out')
    ada.room.leave()
    await ada.sees('done on the way out')
    expect(ada.texts).toEqual(['Bob says it', 'Ada says it', 'and this'])
  }
  await server.close({ within: 1_000 })
})
