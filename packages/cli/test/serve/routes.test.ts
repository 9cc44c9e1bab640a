/** The routes of `hotline serve` over real sockets, with the clients of other implementations. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket as Undici } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Log, within } from '../../../hotline/test/support/deadline.ts'
import { type Running, serving, untilLogged } from '../support/hotline.ts'

let server: Running & { readonly url: string }
beforeAll(async () => {
  server = await serving('--max-message', '64KiB')
})
afterAll(() => server[Symbol.asyncDispose]())

type Received = string | Buffer

/** A client that writes down what it receives: text as strings, binary as buffers. */
class Member {
  readonly received = new Log<Received>()
  readonly socket: WebSocket
  readonly closed: Promise<[code: number, reason: Buffer]>

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = once(socket, 'close') as Promise<[number, Buffer]>
    socket.on('message', (data: Buffer, isBinary) => this.received.push(isBinary ? data : data.toString()))
  }

  static async join(path: string): Promise<Member> {
    const member = new Member(new WebSocket(server.url + path))
    await within('a line', once(member.socket, 'open'))
    return member
  }

  count(count: number): Promise<void> {
    return this.received.until(`${count} messages`, all => all.length >= count)
  }
}

const messages: Received[] = [
  'hello',
  '',
  'žluťoučký kůň 🐎',
  '{"json":[1,2,{}]}',
  Buffer.alloc(0),
  Buffer.from([0, 255, 128]),
]

test('/echo gives back text as text and binary as binary, unchanged', async () => {
  const member = await Member.join('/echo')
  for (const message of messages) member.socket.send(message)
  await member.count(messages.length)
  expect(member.received.all).toEqual(messages)
  member.socket.terminate()
})

test('a room gives everybody what anybody sends, the sender too, unchanged and in order', async () => {
  const [one, two, three] = await Promise.all([
    Member.join('/rooms/a'),
    Member.join('/rooms/a'),
    Member.join('/rooms/a'),
  ])
  const other = await Member.join('/rooms/b')
  for (const message of messages) one.socket.send(message)
  for (const member of [one, two, three]) {
    await member.count(messages.length)
    expect(member.received.all).toEqual(messages)
  }
  three.socket.send('from the third')
  await one.count(messages.length + 1)
  other.socket.send('mine')
  await other.count(1)
  expect(other.received.all).toEqual(['mine'])
  for (const member of [one, two, three, other]) member.socket.terminate()
})

test('who has left a room gets nothing more, and the others go on', async () => {
  const [one, two] = await Promise.all([Member.join('/rooms/c'), Member.join('/rooms/c')])
  two.socket.close()
  await within('the close', two.closed)
  one.socket.send('alone')
  await one.count(1)
  expect(two.received.all).toEqual([])
  one.socket.terminate()
})

test('rooms are told apart by their decoded names', async () => {
  const [one, two, three] = await Promise.all([
    Member.join('/rooms/%C3%A9t%C3%A9'),
    Member.join('/rooms/été'),
    Member.join('/rooms/ete'),
  ])
  one.socket.send('soleil')
  await two.count(1)
  three.socket.send('mine')
  await three.count(1)
  expect(three.received.all).toEqual(['mine'])
  for (const member of [one, two, three]) member.socket.terminate()
})

test.each(['%2A', '%2A%2A', 'a%2Fb', 'a%0Ab', '%F0%9F%90%8E'])('a room may be called %s', async name => {
  const [one, two] = await Promise.all([Member.join(`/rooms/${name}`), Member.join(`/rooms/${name}`)])
  const other = await Member.join('/rooms/other')
  one.socket.send('hello')
  other.socket.send('mine')
  await Promise.all([one.count(1), two.count(1), other.count(1)])
  expect([two.received.all, other.received.all]).toEqual([['hello'], ['mine']])
  for (const member of [one, two, other]) member.socket.terminate()
})

test('clients of other implementations meet in a room', async () => {
  const one = await Member.join('/rooms/meeting')
  const two = new Undici(`${server.url}/rooms/meeting`)
  const received = new Log<string>()
  two.addEventListener('message', ({ data }) => received.push(data))
  await within('a line', new Promise(resolve => two.addEventListener('open', resolve)))
  one.socket.send('from ws')
  two.send('from undici')
  await received.until('both', all => all.length === 2)
  await one.count(2)
  expect(new Set(received.all)).toEqual(new Set(['from ws', 'from undici']))
  one.socket.terminate()
  two.close()
})

test('a member that does not read does not stop the room, and is closed with 1013 once too much waits for it', async () => {
  const [sender, reader, sleeper] = await Promise.all([
    Member.join('/rooms/busy'),
    Member.join('/rooms/busy'),
    Member.join('/rooms/busy'),
  ])
  sleeper.socket.pause()
  const message = randomBytes(65_536)
  const count = 400
  for (let sent = 0; sent < count; sent++) sender.socket.send(message)
  await Promise.all([sender.count(count), reader.count(count)])
  sleeper.socket.resume()
  const [code, reason] = await within('the close', sleeper.closed)
  expect([code, String(reason)]).toEqual([1013, 'reads rooms/busy too slowly'])
  await untilLogged(server, { msg: 'closed', code: 1013 })
  for (const { socket } of [sender, reader]) socket.terminate()
}, 30_000)

test.each([
  ['/refused', 401, 'this route lets nobody in\n'],
  ['/rooms/', 404, 'no WebSocket here\n'],
  [`/rooms/${'x'.repeat(245)}`, 400, 'the name of the room is too long\n'],
  ['/nowhere', 404, 'no WebSocket here\n'],
])('%s refuses the handshake with %i', async (path, status, reason) => {
  const socket = new WebSocket(server.url + path)
  socket.on('error', () => {})
  const [, response] = await within('a refusal', once(socket, 'unexpected-response'))
  const [body] = await within('its body', once(response, 'data'))
  expect([response.statusCode, String(body)]).toEqual([status, reason])
})

test('/refused/told opens, and closes with 4401 and why', async () => {
  const { closed } = await Member.join('/refused/told')
  expect((await within('the close', closed)).map(String)).toEqual(['4401', 'this route lets nobody in'])
})

test('/topics speaks hotline.1: everybody may subscribe and publish below public/, with history and presence', async () => {
  const member = new WebSocket(`${server.url}/topics`, ['hotline.1'])
  const received = new Log<Record<string, unknown>>()
  member.on('message', data => received.push(JSON.parse(`${data}`)))
  await within('a line', once(member, 'open'))
  expect(member.protocol).toBe('hotline.1')
  member.send('{"type":"subscribe","id":1,"topic":"public/a/b","presence":true}')
  member.send('{"type":"publish","id":2,"topic":"public/a/b","data":"hello"}')
  member.send('{"type":"subscribe","id":3,"topic":"secret"}')
  await received.until('five messages', all => all.length >= 5)
  expect(received.all).toEqual([
    expect.objectContaining({ type: 'welcome' }),
    expect.objectContaining({ id: 1, offset: 0, presence: expect.objectContaining({ count: 1 }) }),
    { type: 'publication', topic: 'public/a/b', offset: 1, data: 'hello' },
    { type: 'published', id: 2, offset: 1 },
    expect.objectContaining({ type: 'error', id: 3, code: 'denied' }),
  ])
  member.terminate()
})

test('a client that publishes more than a hundred times in a second gets limit, and nobody gets those', async () => {
  const open = async () => {
    const socket = new WebSocket(`${server.url}/topics`, ['hotline.1'])
    const received = new Log<Record<string, unknown>>()
    socket.on('message', data => received.push(JSON.parse(`${data}`)))
    await within('a line', once(socket, 'open'))
    return { socket, received }
  }
  const [one, two] = await Promise.all([open(), open()])
  two.socket.send('{"type":"subscribe","id":1,"topic":"public/rate"}')
  await two.received.until('the answer', all => all.length >= 2)
  const sent = 1000
  for (let id = 1; id <= sent; id++) {
    one.socket.send(`{"type":"publish","id":${id},"topic":"public/rate","data":${id}}`)
  }
  await one.received.until('all answers', all => all.length > sent)
  const limited = one.received.all.filter(({ code }) => code === 'limit')
  expect(limited[0]).toMatchObject({ type: 'error', reason: 'more than 100 publications a second' })
  expect(limited.length).toBeGreaterThan(sent / 2)
  const published = sent - limited.length
  await two.received.until('all publications', all => all.length >= 2 + published)
  two.socket.send('{"type":"unsubscribe","id":2,"topic":"public/rate"}')
  await two.received.until('the end', all => all.at(-1)?.['type'] === 'unsubscribed')
  expect(two.received.all).toHaveLength(3 + published)
  for (const { socket } of [one, two]) socket.terminate()
})

test('/topics says to a client without the subprotocol what it lacks', async () => {
  const member = await Member.join('/topics')
  member.socket.send('hello')
  expect((await member.closed).map(String)).toEqual(['1008', 'offer the subprotocol hotline.1'])
})
