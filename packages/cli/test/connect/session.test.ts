/** A conversation by hand, on a terminal in memory, with a real server. */
import { PassThrough } from 'node:stream'
import { type ClientSocket, openSocket } from 'hotline/client'
import { type Handlers, type Server, type ServerSocket, serve } from 'hotline/server'
import pc from 'picocolors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Log, within } from '../../../hotline/test/support/deadline.ts'
import { PlainPrinter } from '../../src/connect/printer.ts'
import { completions, Session } from '../../src/connect/session.ts'
import { Terminal } from '../../src/connect/terminal.ts'
import { file } from '../support/files.ts'
import { Screen } from '../support/screen.ts'

const colors = pc.createColors(false)
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const LEFT = '\u001b[D'
const UP = '\u001b[A'

let server: Server
const peers = new Log<ServerSocket>()
const received = new Log<string | Uint8Array>()
beforeAll(async () => {
  const line: Handlers = {
    open: socket => peers.push(socket),
    message: (_, message) => received.push(message),
  }
  server = await serve({ port: 0, routes: { '/line': line } })
})
afterAll(() => server.close())

interface Conversation {
  readonly screen: Screen
  readonly out: Screen
  readonly socket: ClientSocket
  readonly terminal: Terminal
  readonly peer: ServerSocket
  /** True when the person ended it. */
  readonly ended: Promise<boolean>
  type(keys: string): void
}

/** Opens a line and a terminal on it; messages go to `out`, the screen unless said otherwise. */
async function converse({ columns = 80, elsewhere = false } = {}): Promise<Conversation> {
  const before = peers.all.length
  received.all.length = 0
  const socket = await openSocket(`${server.url}/line`)
  await peers.until('the peer', all => all.length > before)
  const [input, screen] = [new PassThrough(), new Screen(columns)]
  const out = elsewhere ? new Screen(columns) : screen
  const terminal = new Terminal({ input, screen, out }, completions)
  const printer = new PlainPrinter(terminal, {
    pretty: false,
    handshake: false,
    end: true,
    terminal: true,
    colors,
    noteColors: colors,
  })
  const ended = new Session(socket, terminal, printer).run()
  await screen.until('>')
  const peer = peers.all.at(-1) as ServerSocket
  return { screen, out, socket, terminal, peer, ended, type: keys => void input.write(keys) }
}

describe('what arrives does not destroy what is typed', () => {
  test('on one row', async () => {
    const { screen, peer, type, ended } = await converse()
    type('half a sen')
    await screen.until('> half a sen')
    peer.send('breaking news')
    await screen.until('breaking news')
    expect(screen.text).toBe('< breaking news\n> half a sen')
    expect(screen.cursor).toEqual([1, 12])
    type('tence\r')
    await received.until('the sentence', all => all.includes('half a sentence'))
    type(CTRL_D)
    expect(await ended).toBe(true)
  })

  test('on three rows', async () => {
    const { screen, peer, type, ended } = await converse({ columns: 20 })
    const text = 'the quick brown fox jumps over the lazy dog'
    type(text)
    await screen.until('y dog')
    peer.send('news')
    await screen.until('news')
    peer.send('more news')
    await screen.until('more news')
    expect(screen.text).toBe('< news\n< more news\n> the quick brown fo\nx jumps over the laz\ny dog')
    type('\r')
    await received.until('the whole line', all => all.includes(text))
    type(CTRL_D)
    await ended
  })

  test('with the cursor in the middle', async () => {
    const { screen, peer, type, ended } = await converse({ columns: 20 })
    for (const key of [...'the quick brown fox jumps', ...Array<string>(20).fill(LEFT)]) type(key)
    await screen.until('x jumps')
    peer.send('news')
    await screen.until('news')
    expect(screen.text).toBe('< news\n> the quick brown fo\nx jumps')
    expect(screen.cursor).toEqual([1, 7])
    for (const key of '_\r') type(key)
    await received.until('the line', all => all.includes('the q_uick brown fox jumps'))
    type(CTRL_D)
    await ended
  })

  test('when the message has several rows', async () => {
    const { screen, peer, type, ended } = await converse({ columns: 20 })
    type('typing')
    await screen.until('typing')
    peer.send('a message that is longer than the screen\nand has lines')
    await screen.until('and has lines')
    expect(screen.text).toBe('< a message that is\nlonger than the scre\nen\nand has lines\n> typing')
    type(CTRL_C)
    await ended
  })
})

test('messages go elsewhere when standard output is no terminal, and the prompt stays', async () => {
  const { screen, out, peer, type, ended } = await converse({ elsewhere: true })
  type('typing')
  await screen.until('typing')
  peer.send('data')
  await out.until('data')
  expect([out.text, screen.text]).toEqual(['< data', '> typing'])
  type(CTRL_D + CTRL_C)
  await ended
})

test('a message cannot steer the terminal', async () => {
  const { screen, peer, type, ended } = await converse()
  peer.send('\u001b[2J\u001b]0;title\u0007\rgone\u009b1m')
  await screen.until('gone')
  expect(screen.text).toBe('< \\x1b[2J\\x1b]0;title\\x07\\x0dgone\\x9b1m\n>')
  type(CTRL_D)
  await ended
})

test('bytes are shown as a hex dump', async () => {
  const { screen, peer, type, ended } = await converse()
  peer.send(new Uint8Array([104, 105, 0]))
  await screen.until('|hi.|')
  expect(screen.text).toContain('< 3 bytes\n00000000  68 69 00')
  type(CTRL_D)
  await ended
})

test('a line that was sent can be called back', async () => {
  const { type, ended } = await converse()
  type('again\r')
  type(`${UP}\r`)
  await received.until('it twice', all => all.filter(message => message === 'again').length === 2)
  type(CTRL_D)
  await ended
})

describe('commands', () => {
  test('/ping shows the round-trip time', async () => {
    const { screen, type, ended } = await converse()
    type('/ping\r')
    await screen.until('pong after ')
    expect(screen.text).toMatch(/pong after \d+\.\d ms/)
    type(CTRL_D)
    await ended
  })

  test('/binary and /file send bytes', async () => {
    const { type, ended } = await converse()
    type('/binary 00 ff 7a\r')
    type(`/file ${file('three.bin', Uint8Array.of(1, 2, 3))}\r`)
    await received.until('both', all => all.length === 2)
    expect(received.all).toEqual([Uint8Array.of(0, 255, 122), Uint8Array.of(1, 2, 3)])
    type(CTRL_D)
    await ended
  })

  test('// sends what begins with a slash, and an empty line sends nothing', async () => {
    const { type, ended } = await converse()
    type('\r//help\r')
    await received.until('a message', all => all.length === 1)
    expect(received.all).toEqual(['/help'])
    type(CTRL_D)
    await ended
  })

  test('/help lists them', async () => {
    const { screen, type, ended } = await converse()
    type('/help\r')
    await screen.until('/close 1000 bye')
    type(CTRL_D)
    await ended
  })

  test.each([
    ['/close', 1005, ''],
    ['/close 1000', 1000, ''],
    ['/close 4000 see you', 4000, 'see you'],
  ])('%s closes', async (line, code, reason) => {
    const { peer, type, ended } = await converse()
    type(`${line}\r`)
    expect(await ended).toBe(true)
    expect(await peer.closed).toMatchObject({ code: code === 1005 ? 1000 : code, reason, clean: true })
  })

  test.each([
    ['/frob', 'there is no command /frob; /help lists them, //frob sends it'],
    ['/constructor', 'there is no command /constructor'],
    ['/binary xyz', 'hexadecimal'],
    ['/file /no/such/file', 'cannot read /file /no/such/file: there is no such file'],
    ['/close 5', 'close code 5 must not be sent'],
    ['/close now', 'close code NaN must not be sent'],
    [`/close 1000 ${'x'.repeat(124)}`, 'at most 123 bytes'],
  ])('%s is told, and the line stays open', async (line, message) => {
    const { screen, socket, type, ended } = await converse({ columns: 200 })
    type(`${line}\r`)
    await screen.until(message)
    expect(socket.state).toBe('open')
    type(CTRL_D)
    await ended
  })

  test('are completed by the Tab key', () => {
    expect(completions('/p')).toEqual(['/ping'])
    expect(completions('/')).toContain('/help')
    expect(completions('text')).toEqual([])
  })
})

describe('the end', () => {
  test.each([
    ['Ctrl-D', CTRL_D],
    ['Ctrl-C', CTRL_C],
  ])('%s closes with 1000', async (_, key) => {
    const { peer, type, ended } = await converse()
    type(key)
    expect(await ended).toBe(true)
    expect(await peer.closed).toMatchObject({ code: 1000, clean: true })
  })

  test('a server that closes ends it, with nothing typed', async () => {
    const { peer, socket, ended } = await converse()
    peer.close(4401, 'sign in')
    expect(await within('the end', ended)).toBe(false)
    expect(await socket.closed).toMatchObject({ code: 4401, reason: 'sign in', clean: true })
  })

  test.each([
    ['nothing', '', 'closed: 4401'],
    ['a sentence', 'half a sen', '> half a sen\nclosed: 4401'],
    ['three rows', 'the quick brown fox jumps over the lazy dog', 'dog\nclosed: 4401'],
  ])('is told on a row of its own, with %s typed', async (_, typed, text) => {
    const { screen, terminal, peer, type, ended } = await converse({ columns: 20 })
    type(typed)
    await screen.until(typed.slice(-3))
    peer.close(4401)
    await within('the end', ended)
    terminal.note('closed: 4401')
    await screen.until('closed')
    expect(screen.text.endsWith(text)).toBe(true)
    expect(screen.text.match(/>/g) ?? []).toHaveLength(typed === '' ? 0 : 1)
  })

  test('a line that is lost ends it', async () => {
    const { peer, socket, ended } = await converse()
    peer.terminate()
    expect(await within('the end', ended)).toBe(false)
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false })
  })
})
