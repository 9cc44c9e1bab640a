/** The parts of the chat that need no browser: what waits, who is there, what is shown, and the server's bounds. */
import { RequestError, TimeoutError, WebSocketError } from 'hotline/client'
import { expect, test } from 'vitest'
import { Budget } from '../budget.ts'
import { lineWord } from '../look/words.ts'
import { clean, roomOf, typeOfPicture } from './messages.ts'
import { Directory } from './page/directory.ts'
import { Errands } from './page/errands.ts'
import { Known } from './page/known.ts'
import { Roster } from './page/roster.ts'
import { partsOf } from './page/text.ts'
import { backWord, gapWord, sizeWord, typingWord } from './page/words.ts'
import { Once } from './server/once.ts'
import { Pictures } from './server/pictures.ts'
import { picture } from './test/support.ts'

/** Errands whose every delivery is answered by the test, in turn. */
function errands() {
  const log: string[] = []
  const answers: { fulfil(): void; reject(error: Error): void }[] = []
  const pauses: (() => void)[] = []
  const all = new Errands<string>({
    deliver: errand =>
      new Promise((resolve, reject) => {
        log.push(`deliver ${errand}`)
        answers.push({ fulfil: resolve, reject })
      }),
    changed: (errand, state, why) => log.push([errand, state, why].filter(Boolean).join(' ')),
    pause: () => new Promise(resolve => pauses.push(resolve)),
  })
  /** Answers the delivery that is under way, and waits until that has its consequences. */
  const answer = async (error?: Error): Promise<void> => {
    const { fulfil, reject } = answers.shift() ?? expect.fail('nothing is under way')
    if (error === undefined) fulfil()
    else reject(error)
    await settle()
  }
  const resume = async (): Promise<void> => {
    pauses.shift()?.()
    await settle()
  }
  return { all, log, answer, resume, pauses }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const lost = new WebSocketError('ERR_CONNECTION', 'lost')

test('errands wait for the line, and are delivered one after the other', async () => {
  const { all, log, answer } = errands()
  all.add('one')
  all.add('two')
  expect(log).toEqual(['one waiting', 'two waiting'])
  all.go()
  expect(log.splice(0).slice(2)).toEqual(['one going', 'deliver one'])
  await answer()
  expect(log.splice(0)).toEqual(['one done', 'two going', 'deliver two'])
  await answer()
  expect([log, all.all]).toEqual([['two done'], []])
})

test('one whose line is lost keeps its place, and is delivered again on the next', async () => {
  const { all, log, answer } = errands()
  all.go()
  all.add('one')
  all.add('two')
  log.length = 0
  all.halt()
  await answer(lost)
  expect(log.splice(0)).toEqual(['one waiting'])
  all.go()
  await answer()
  expect(log).toEqual(['one going', 'deliver one', 'one done', 'two going', 'deliver two'])
})

test.each([
  ['that was too often', new RequestError('limit', 'too often')],
  ['that the server failed at', new RequestError('failed', 'failed')],
  ['whose server has lost the others', new RequestError('unavailable', 'alone'), ' alone'],
  ['that had no answer in time', new TimeoutError('late', { option: 'timeout', value: 1 })],
])('one %s is tried again after a while', async (_, error, why = '') => {
  const { all, log, answer, resume } = errands()
  all.go()
  all.add('one')
  await answer(error)
  expect(log.splice(0)).toEqual(['one waiting', 'one going', 'deliver one', `one waiting${why}`])
  await resume()
  expect(log).toEqual(['one going', 'deliver one'])
})

test('one that is refused says why, holds nothing up, and can be tried again or dropped', async () => {
  const { all, log, answer } = errands()
  all.go()
  all.add('one')
  all.add('two')
  log.length = 0
  await answer(new RequestError('schema', 'text: too long'))
  expect(log.splice(0)).toEqual(['one refused text: too long', 'two going', 'deliver two'])
  all.tell()
  expect(log.splice(0)).toEqual(['two waiting', 'one refused text: too long'])
  await answer()
  all.again('one')
  await answer(new Error('broken here'))
  expect(log.at(-1)).toBe('one refused broken here')
  all.drop('one')
  expect(all.all).toEqual([])
})

test('one that is seen to be done is not delivered again, unless it is under way', async () => {
  const { all, log, answer } = errands()
  all.go()
  for (const errand of ['one', 'two', 'three']) all.add(errand)
  log.length = 0
  all.done('one')
  all.done('two')
  expect(log.splice(0)).toEqual(['two done'])
  await answer(new RequestError('schema', 'wrong'))
  all.done('one')
  expect([log, all.all]).toEqual([['one refused wrong', 'three going', 'deliver three', 'one done'], ['three']])
})

test('one that is dropped under way is told to stop, and nothing more is said of it', async () => {
  const signals: AbortSignal[] = []
  const log: string[] = []
  const all = new Errands<string>({
    deliver: (_, signal) =>
      new Promise((_, reject) => {
        signals.push(signal)
        signal.addEventListener('abort', () => reject(new WebSocketError('ERR_ABORTED', 'aborted')))
      }),
    changed: (errand, state) => log.push(`${errand} ${state}`),
    pause: () => Promise.resolve(),
  })
  all.go()
  all.add('one')
  all.drop('one')
  await settle()
  expect([signals[0]?.aborted, log, all.all]).toEqual([true, ['one waiting', 'one going'], []])
})

const people = (...names: string[]) => new Map(names.map(name => [`key of ${name}`, name]))

test('who was there on entry has not joined, and who comes and goes has', () => {
  const roster = new Roster()
  expect(roster.take(people('Ada', 'Bob'), true)).toEqual({ joined: [], left: [] })
  expect(roster.take(people('Ada', 'Eve'), false)).toEqual({ joined: ['Eve'], left: ['Bob'] })
})

test('who is not there when the line is back has time to come back, unseen', () => {
  let now = 0
  const roster = new Roster(() => now)
  roster.take(people('Ada', 'Bob', 'Eve'), true)
  expect(roster.take(people('Ada'), true)).toEqual({ joined: [], left: [] })
  expect(roster.take(people('Ada', 'Bob', 'Max'), false)).toEqual({ joined: ['Max'], left: [] })
  expect(roster.due()).toEqual([])
  now = 60_000
  expect([roster.due(), roster.due()]).toEqual([['Eve'], []])
  expect(roster.take(people('Ada', 'Bob', 'Max', 'Eve'), false)).toEqual({ joined: ['Eve'], left: [] })
})

test.each([
  ['no address', ['no address']],
  ['see https://a.example/b?c=d#e, please', ['see ', { href: 'https://a.example/b?c=d#e' }, ', please']],
  ['(http://a.example)', ['(', { href: 'http://a.example' }, ')']],
  ['javascript:alert(1) data:text/html,x', ['javascript:alert(1) data:text/html,x']],
  ['http://a.example/"onclick="x', [{ href: 'http://a.example/' }, '"onclick="x']],
  ['http://[', ['http://[']],
  ['http://x<script>', [{ href: 'http://x' }, '<script>']],
])('%s has these parts', (text, parts) => expect([...partsOf(text)]).toEqual(parts))

test('what was pasted loses what cannot be seen, and no more', () => {
  expect(clean(' a\r\nb\u0000\ud800 \t🐎 ')).toBe('a\nb \t🐎')
  expect(roomOf('  The \n Lobby ')).toBe('the lobby')
})

test('the page says what is true of its line', () => {
  const end = { by: 'peer', code: 1006, reason: '', opened: true } as const
  expect(lineWord({ status: 'connecting', attempt: 1 }, true)).toBe('Connecting…')
  expect(lineWord({ status: 'connecting', attempt: 2 }, true)).toBe('Trying again…')
  expect(lineWord({ status: 'waiting', attempt: 2, delay: 1, end }, true)).toBe('No connection')
  expect(lineWord({ status: 'waiting', attempt: 2, delay: 1, end }, false)).toBe('You are offline')
  expect(lineWord({ status: 'closed', end }, true)).toBe('Closed: 1006')
  expect(backWord({ count: 0, whole: true, code: undefined })).toBe('Back: nothing was missed.')
  expect(backWord({ count: 1, whole: true, code: undefined })).toBe('Back: 1 message came meanwhile.')
  expect(backWord({ count: 0, whole: false, code: 'epoch' })).toBe('Back.')
  expect([gapWord('epoch'), gapWord('expired')]).toEqual([
    'The server has started anew: some messages may be missing here.',
    'Some messages may be missing here.',
  ])
  expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(typingWord)).toEqual([
    '',
    'A is typing…',
    'A and B are typing…',
    '3 people are typing…',
  ])
  expect([12, 2_048, 4_194_304].map(sizeWord)).toEqual(['12 bytes', '2 KiB', '4.0 MiB'])
})

test('a budget has so many at once, and so many a second behind them', () => {
  let now = 0
  const budget = new Budget(3, 2, () => now)
  const taken = (): number => {
    for (let count = 0; ; count++) {
      try {
        budget.take()
      } catch (error) {
        expect(error).toMatchObject({ answer: { code: 'limit' } })
        return count
      }
    }
  }
  expect(taken()).toBe(3)
  now = 1_000
  expect(taken()).toBe(2)
  now = 1_000_000
  expect(taken()).toBe(3)
})

test('what was done is known for the newest fifty of each, and a thousand people', () => {
  const once = new Once<number>()
  for (let at = 0; at < 60; at++) once.set('ada', 'room', `${at}`, at)
  expect([once.get('ada', 'room', '9'), once.get('ada', 'room', '10')]).toEqual([undefined, 10])
  expect([once.get('ada', 'elsewhere', '10'), once.get('bob', 'room', '10')]).toEqual([undefined, undefined])
  for (let at = 0; at < 999; at++) once.set(`${at}`, 'room', '1', 1)
  expect(once.get('ada', 'room', '59')).toBe(59)
  once.set('one more', 'room', '1', 1)
  expect(once.get('ada', 'room', '59')).toBe(undefined)
  once.delete('one more', 'room', '1')
  expect(once.get('one more', 'room', '1')).toBe(undefined)
})

test('the busy rooms are those that any server knows, as the last one of them has told', () => {
  let now = 0
  const directory = new Directory(() => now)
  const told = (server: string, rooms: Record<string, number>): Record<string, number> => {
    const known = { server, rooms: Object.entries(rooms).map(([room, count]) => ({ room, count })) }
    return Object.fromEntries(directory.take(known).map(({ room, count }) => [room, count]))
  }
  expect(told('one', { lobby: 1, here: 3 })).toEqual({ here: 3, lobby: 1 })
  expect(told('other', { lobby: 2, there: 1 })).toEqual({ here: 3, lobby: 2, there: 1 })
  expect(told('one', { lobby: 2 })).toEqual({ lobby: 2, there: 1 })
  // One that says nothing more is gone.
  now = 14_999
  expect(told('other', { lobby: 1 })).toEqual({ lobby: 1 })
  now = 15_000
  expect(told('other', {})).toEqual({})
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`room ${at}`, at]))
  expect(Object.keys(told('one', many))).toEqual(Array.from({ length: 20 }, (_, at) => `room ${49 - at}`))
  directory.clear()
  expect(told('other', { lobby: 1 })).toEqual({ lobby: 1 })
})

test('what is shown once is known, for the newest two thousand', () => {
  const known = new Known()
  const message = (at: number) => ({ who: 'ada', id: `${at}` })
  expect([known.add(message(0)), known.add(message(0)), known.add({ who: 'bob', id: '0' })]).toEqual([
    true,
    false,
    true,
  ])
  for (let at = 1; at < 2_000; at++) known.add(message(at))
  expect([known.has(message(0)), known.has(message(1))]).toEqual([false, true])
  known.clear()
  expect(known.add(message(1))).toBe(true)
})

test('pictures take a budget, with what is only announced, and the oldest go', () => {
  const forgotten: string[] = []
  const pictures = new Pictures(1_000, ({ key, isKept }) => forgotten.push(`${key} ${isKept}`))
  const bytes = Uint8Array.from(picture(1, 1))
  const announce = (id: string, size: number) => ({ room: 'r', id, title: '', width: 1, height: 1, size })
  pictures.begin('whole', announce('whole', bytes.length))
  pictures.add('whole', bytes)
  expect(pictures.read('whole', 'r', 0, 1_000)).toEqual(bytes)
  expect(() => pictures.read('whole', 'elsewhere', 0, 10)).toThrow(/not kept/)
  const begun = pictures.begin('begun', announce('begun', 900))
  expect(pictures.begin('begun', announce('begun', 900))).toBe(begun)
  expect(() => pictures.read('begun', 'r', 0, 10)).toThrow(/not kept/)
  pictures.begin('more', announce('more', 950))
  expect(forgotten).toEqual(['whole false', 'begun false'])
  for (const key of ['whole', 'begun']) expect(() => pictures.add(key, bytes)).toThrow(/no picture to add/)
})

test.each([
  ['PNG', '89504e470d0a1a0a00000000', 'image/png'],
  ['JPEG', 'ffd8ffe000104a4649460001', 'image/jpeg'],
  ['GIF', '474946383961010001000000', 'image/gif'],
  ['WebP', '524946460a00000057454250', 'image/webp'],
  ['SVG', '3c7376672f3e', undefined],
  ['nothing', '', undefined],
])('%s begins as it does', (_, hex, type) => expect(typeOfPicture(Buffer.from(hex, 'hex'))).toBe(type))
