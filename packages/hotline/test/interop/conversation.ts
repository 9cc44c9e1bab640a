/** What two ends of a line must be able to say to each other, whoever made the other one. */
import { describe, expect, test } from 'vitest'
import type { Socket } from '../../src/connection/socket.ts'
import { Log, within } from '../support/deadline.ts'

/** How a line ended, as an end tells it. */
export interface Ended {
  readonly code: number
  readonly reason: string
}

/** One end, whatever it is made of. */
export interface End {
  readonly messages: Log<string | Uint8Array>
  send(data: string | Uint8Array): unknown
  close(code: number, reason: string): void
  readonly closed: Promise<Ended>
  /** Sends one message in fragments, with pings between them where it can. */
  fragments?(parts: readonly (string | Uint8Array)[]): void
  /** Fulfilled by the pong. */
  ping?(): Promise<unknown>
}

/** A line between an end of hotline and another one. */
export interface Line extends AsyncDisposable {
  readonly ours: End
  readonly theirs: End
}

/** An end of a socket of hotline; it reads from now on. */
export function ours(socket: Socket): End & { readonly reading: Promise<void> } {
  const messages = new Log<string | Uint8Array>()
  const read = async (): Promise<void> => {
    for await (const message of socket) messages.push(message)
  }
  return {
    messages,
    reading: read(),
    send: data => socket.send(data),
    fragments: parts => void socket.send(parts),
    ping: () => socket.ping(),
    close: (code, reason) => void socket.close(code, reason),
    closed: socket.closed,
  }
}

/** What a class with the API of browsers has, whoever made it. */
interface WebLike {
  binaryType: string
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: Ended) => void): void
  send(data: string | Uint8Array): void
  close(code: number, reason: string): void
}

/** An end of a class with the API of browsers. */
export function web(socket: WebLike): End {
  const messages = new Log<string | Uint8Array>()
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }) =>
    messages.push(data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string)),
  )
  const closed = new Promise<Ended>(resolve =>
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
  )
  return { messages, closed, send: data => socket.send(data), close: (code, reason) => socket.close(code, reason) }
}

/** Characters of every length of UTF-8, at the borders of each, and what readers like to trip over. RFC 3629 §3 */
const texts: readonly string[] = [
  '',
  'hello',
  '\x00',
  'a\x00b',
  '\x7f',
  '\x80',
  '\u07ff',
  '\u0800',
  '\ud7ff\ue000',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '\ufeffwith a byte order mark',
  '👩‍👩‍👧 🇯🇵 ☕️',
  '"quotes" \\ \r\n \u2028',
  ...['a', 'é', '€', '😀'].flatMap(character =>
    [30, 31, 32, 42, 63, 126, 16_384, 21_846, 65_536].map(n => character.repeat(n)),
  ),
]

/** The lengths at which the header changes, and one that no buffer holds. RFC 6455 §5.2 */
export const sizes: readonly number[] = [0, 1, 125, 126, 127, 65_535, 65_536, 5 * 1_048_576]

/** Bytes that differ from place to place. */
export function bytes(size: number): Uint8Array {
  const made = new Uint8Array(size)
  for (let at = 0; at < size; at++) made[at] = (at * 7 + (at >> 8)) & 255
  return made
}

const same = (one: string | Uint8Array | undefined, other: string | Uint8Array): boolean =>
  typeof one === 'string' || typeof other === 'string' || one === undefined
    ? one === other
    : Buffer.compare(one, other) === 0

/** Where the other implementation is known to differ. */
export interface Quirks {
  /** It takes a byte order mark away at the beginning of text. */
  readonly eatsByteOrderMarks?: boolean
  /** It answers a close frame with the code, and without the reason. */
  readonly echoesNoReason?: boolean
}

export function converses(name: string, connect: () => Promise<Line>, quirks: Quirks = {}): void {
  const { eatsByteOrderMarks = false, echoesNoReason = false } = quirks
  describe(name, () => {
    test.each([
      ['from us', 'ours', 'theirs'],
      ['to us', 'theirs', 'ours'],
    ] as const)('text of every length of UTF-8 arrives as it was, %s', async (_way, from, to) => {
      await using line = await connect()
      for (const text of texts) line[from].send(text)
      const { messages } = line[to]
      await messages.until('all texts', all => all.length === texts.length)
      const eats = eatsByteOrderMarks && to === 'theirs'
      expect(messages.all).toEqual(eats ? texts.map(text => text.replace(/^\ufeff/, '')) : texts)
    })

    test.each([
      ['from us', 'ours', 'theirs'],
      ['to us', 'theirs', 'ours'],
    ] as const)('bytes of every length of a header arrive as they were, %s', async (_way, from, to) => {
      await using line = await connect()
      for (const size of sizes) await line[from].send(bytes(size))
      const { messages } = line[to]
      await messages.until('all bytes', all => all.length === sizes.length)
      expect(messages.all.map(message => message.length)).toEqual(sizes)
      for (const [at, size] of sizes.entries()) expect(same(messages.all[at], bytes(size))).toBe(true)
    })

    test.each([
      ['from us', 'ours', 'theirs'],
      ['to us', 'theirs', 'ours'],
    ] as const)('a message in fragments arrives as one, %s', async (_way, from, to) => {
      await using line = await connect()
      const send = line[from].fragments
      if (send === undefined) return
      const text = 'of é, €, 😀 and more '.repeat(50)
      const long = bytes(200_000)
      send([...text])
      send([long.subarray(0, 1), long.subarray(1, 70_000), long.subarray(70_000)])
      send(['', 'x', ''])
      line[from].send('behind')
      const { messages } = line[to]
      await messages.until('four messages', all => all.length === 4)
      expect(messages.all[0]).toBe(text)
      expect(same(messages.all[1], long)).toBe(true)
      expect(messages.all.slice(2)).toEqual(['x', 'behind'])
    })

    test('both speak at the same time', async () => {
      await using line = await connect()
      for (let count = 0; count < 500; count++) {
        line.ours.send(`${count}`)
        line.theirs.send(bytes(count))
      }
      const { ours, theirs } = line
      await Promise.all([
        ours.messages.until('500', all => all.length === 500),
        theirs.messages.until('500', all => all.length === 500),
      ])
      expect(theirs.messages.all).toEqual(Array.from({ length: 500 }, (_, count) => `${count}`))
      expect(ours.messages.all.every((message, count) => same(message, bytes(count)))).toBe(true)
    })

    test('each answers the pings of the other', async () => {
      await using line = await connect()
      for (const end of [line.ours, line.theirs]) await within('a pong', Promise.resolve(end.ping?.()))
    })

    test.each([
      ['we', 'ours'],
      ['they', 'theirs'],
    ] as const)('%s close: both know the code and the reason', async (_who, from) => {
      await using line = await connect()
      line[from].close(4321, 'so long é')
      const [we, they] = await within('both ends', Promise.all([line.ours.closed, line.theirs.closed]))
      expect(we).toMatchObject({ code: 4321, reason: echoesNoReason && from === 'ours' ? '' : 'so long é' })
      expect(they).toMatchObject({ code: 4321, reason: 'so long é' })
      if ('clean' in we) expect(we.clean).toBe(true)
    })

    test.each([
      ['we', 'ours', 'theirs'],
      ['they', 'theirs', 'ours'],
    ] as const)('%s close at once behind much data: all of it arrives', async (_who, from, to) => {
      await using line = await connect()
      const { messages } = line[to]
      for (let count = 0; count < 300; count++) line[from].send(bytes(3000))
      line[from].close(1000, 'that was all')
      const ended = await within('the other end', line[to].closed)
      expect(messages.all).toHaveLength(300)
      expect(messages.all.every(message => same(message, bytes(3000)))).toBe(true)
      expect(ended).toMatchObject({ code: 1000, reason: 'that was all' })
    })

    test('both close at the same time', async () => {
      await using line = await connect()
      line.ours.close(4001, 'ours')
      line.theirs.close(4002, 'theirs')
      await within('both ends', Promise.all([line.ours.closed, line.theirs.closed]))
    })
  })
}
