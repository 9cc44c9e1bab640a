/** What every transport must do, whatever is below it. Each implementation runs this suite. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Transport, TransportHandler } from '../../src/connection/transport.ts'
import { Log } from '../support/deadline.ts'

/** Two transports that are each other's peer. */
export interface Ends {
  readonly near: Transport
  readonly far: Transport
  /** Cuts the wire from the far end, so that the near one sees a fault and no end. */
  reset(): void
  /** Frees what the test has left. */
  dispose(): void
}

type Event = 'data' | 'written' | 'ended' | 'closed'

/** Writes down what a transport tells. `on` may act inside a call, as a connection does. */
export class Recorder implements TransportHandler {
  readonly log = new Log<Event>()
  readonly chunks: Uint8Array[] = []
  size = 0
  error: Error | undefined
  on: (event: Event) => void = () => {}

  data(bytes: Uint8Array, start: number, end: number): void {
    this.chunks.push(Uint8Array.from(bytes.subarray(start, end)))
    this.size += end - start
    // They are lent, and may be changed.
    bytes.fill(0xa5, start, end)
    this.#note('data')
  }

  written(): void {
    this.#note('written')
  }

  ended(): void {
    this.#note('ended')
  }

  closed(error?: Error): void {
    this.error = error
    this.#note('closed')
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  count(event: Event): number {
    return this.log.all.filter(one => one === event).length
  }

  has(size: number): Promise<void> {
    return this.log.until(`${size} bytes`, () => this.size >= size)
  }

  told(event: Event): Promise<void> {
    return this.log.until(event, all => all.includes(event))
  }

  #note(event: Event): void {
    this.on(event)
    this.log.push(event)
  }
}

/** More than any system holds for a peer that does not read. */
export const HUGE = 24_000_000

const all = new Uint8Array(HUGE + 1000)
for (let at = 0; at < all.length; at++) all[at] = (at * 31 + (at >> 8)) & 255

/** Bytes that differ from place to place. */
export const pattern = (size: number, from = 0): Uint8Array => all.slice(from, from + size)

/** As much in pieces, as connections write it. */
export const hugePieces = (): Uint8Array[] =>
  Array.from({ length: 24 }, (_, count) => pattern(1_000_000, count * 1_000_000))

/** A turn of the event loop, so that what could be told by now is told. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export function transportContract(name: string, connect: () => Promise<Ends>): void {
  describe(`a transport over ${name}`, () => {
    const open: Ends[] = []
    afterEach(() => {
      for (const ends of open.splice(0)) ends.dispose()
    })

    async function ends() {
      const it = await connect()
      open.push(it)
      return it
    }

    /** Both ends, opened. */
    async function opened() {
      const it = await ends()
      const [near, far] = [new Recorder(), new Recorder()]
      it.near.open(near)
      it.far.open(far)
      return { ...it, told: near, farTold: far }
    }

    test('tells nothing before it is opened, and loses nothing', async () => {
      const { near, far } = await ends()
      const told = new Recorder()
      const farTold = new Recorder()
      far.open(farTold)
      far.write([pattern(1000)])
      await turn()
      await turn()
      expect(told.log.all).toEqual([])
      near.open(told)
      await told.has(1000)
      expect(told.bytes.equals(pattern(1000))).toBe(true)
    })

    test('keeps the order of writes and of the pieces in them', async () => {
      const { near, far, told, farTold } = await opened()
      let at = 0
      for (let count = 0; count < 50; count++) {
        const pieces = [3, 0, 1000, 17].map(size => {
          const piece = pattern(size, at)
          at += size
          return piece
        })
        near.write(pieces)
        far.write(pieces)
        if (count % 7 === 0) await turn()
      }
      await Promise.all([told.has(at), farTold.has(at)])
      expect(farTold.bytes.equals(pattern(at))).toBe(true)
      expect(told.bytes.equals(pattern(at))).toBe(true)
    })

    test.each([1, 100, 16_384, 16_385, 60_000, 131_072, 2_000_000])(
      'does not need the %i bytes of a write any more when it says so',
      async size => {
        const { near, farTold } = await opened()
        for (let count = 0; count < 8; count++) {
          const first = pattern(size, count)
          const second = pattern(10, count)
          if (!near.write([first, second])) continue
          first.fill(0xff)
          second.fill(0xff)
        }
        await farTold.has(8 * (size + 10))
        for (let count = 0; count < 8; count++) {
          const start = count * (size + 10)
          expect(farTold.bytes.subarray(start, start + size).equals(pattern(size, count))).toBe(true)
          expect(farTold.bytes.subarray(start + size, start + size + 10).equals(pattern(10, count))).toBe(true)
        }
      },
    )

    test('counts what the peer has not taken, tells when some has left, and counts 0 in the end', async () => {
      const { near, far, told, farTold } = await opened()
      expect(near.queued).toBe(0)
      far.pause()
      near.write(hugePieces())
      expect(near.queued).toBeGreaterThan(0)
      expect(near.queued).toBeLessThanOrEqual(HUGE + 100)
      far.resume()
      await farTold.has(HUGE)
      await told.log.until('nothing queued', () => near.queued === 0)
      expect(told.count('written')).toBeGreaterThan(0)
      expect(farTold.bytes.equals(pattern(HUGE))).toBe(true)
    })

    test('slows the peer down while it is paused, and loses nothing', async () => {
      const { near, far, told } = await opened()
      told.on = event => {
        if (event === 'data' && told.count('data') === 0) near.pause()
      }
      for (let sent = 0; sent < HUGE; sent += 1_000_000) far.write([pattern(1_000_000, sent)])
      await told.told('data')
      for (let count = 0; count < 20; count++) await turn()
      expect(far.queued).toBeGreaterThan(0)
      expect(told.size).toBeLessThanOrEqual(1_000_000)
      const before = told.size
      for (let count = 0; count < 20; count++) await turn()
      expect(told.size).toBe(before)
      near.resume()
      await told.has(HUGE)
      expect(told.bytes.equals(pattern(HUGE))).toBe(true)
    })

    test('can be paused and resumed at every chunk', async () => {
      const { near, far, told } = await opened()
      told.on = event => {
        if (event !== 'data') return
        near.pause()
        setImmediate(() => near.resume())
      }
      for (let sent = 0; sent < 2_000_000; sent += 50_000) far.write([pattern(50_000, sent)])
      await told.has(2_000_000)
      expect(told.bytes.equals(pattern(2_000_000))).toBe(true)
    })

    test('tells of the end behind all that was written', async () => {
      const { near, farTold } = await opened()
      near.write([pattern(3_000_000)])
      near.end()
      await farTold.told('ended')
      expect(farTold.bytes.equals(pattern(3_000_000))).toBe(true)
      expect(farTold.count('ended')).toBe(1)
    })

    test('that was paused before it is opened slows the peer down, and loses nothing', async () => {
      const { near, far } = await ends()
      const [told, farTold] = [new Recorder(), new Recorder()]
      near.pause()
      near.open(told)
      far.open(farTold)
      for (let sent = 0; sent < HUGE; sent += 1_000_000) far.write([pattern(1_000_000, sent)])
      for (let count = 0; count < 20; count++) await turn()
      expect(far.queued).toBeGreaterThan(0)
      const before = told.size
      for (let count = 0; count < 20; count++) await turn()
      expect(told.size).toBe(before)
      near.resume()
      await told.has(HUGE)
      expect(told.bytes.equals(pattern(HUGE))).toBe(true)
    })

    test('does not tell of the end to whoever has paused before the last byte', async () => {
      const { near, far, told } = await opened()
      near.pause()
      far.write([pattern(1000)])
      far.end()
      for (let count = 0; count < 20; count++) await turn()
      expect(told.count('ended')).toBe(0)
      near.resume()
      await told.told('ended')
      expect(told.size).toBe(1000)
    })

    test('goes on in the other direction when the peer has ended', async () => {
      const { near, far, told, farTold } = await opened()
      far.end()
      await told.told('ended')
      expect(told.log.all).not.toContain('closed')
      near.write([pattern(500_000)])
      await farTold.has(500_000)
      near.end()
      await Promise.all([told.told('closed'), farTold.told('closed')])
      expect([told.error, farTold.error]).toEqual([undefined, undefined])
      expect(farTold.bytes.equals(pattern(500_000))).toBe(true)
    })

    test.each(['near', 'far', 'both'] as const)('closes once both have ended, %s first', async first => {
      const { near, far, told, farTold } = await opened()
      if (first === 'near') {
        near.end()
        await farTold.told('ended')
        far.end()
      } else if (first === 'far') {
        far.end()
        await told.told('ended')
        near.end()
      } else {
        near.end()
        far.end()
      }
      await Promise.all([told.told('closed'), farTold.told('closed')])
      for (let count = 0; count < 5; count++) await turn()
      for (const one of [told, farTold]) {
        expect(one.log.all.filter(event => event !== 'written')).toEqual(['ended', 'closed'])
        expect(one.error).toBeUndefined()
      }
    })

    test('sends nothing behind its end', async () => {
      const { near, farTold } = await opened()
      near.write([pattern(100)])
      near.end()
      expect(near.write([pattern(100)])).toBe(false)
      near.end()
      await farTold.told('ended')
      expect(farTold.size).toBe(100)
    })

    test.each(['data', 'ended', 'written'] as const)(
      'tells nothing but the close when it is destroyed in %s',
      async event => {
        const { near, far, told } = await opened()
        let after = 0
        told.on = now => {
          if (now === event && after === 0) near.destroy()
          if (told.log.all.includes(event)) after++
        }
        for (let count = 0; count < 100; count++) far.write([pattern(10_000)])
        if (event !== 'data') far.end()
        if (event === 'written') near.write(hugePieces())
        await told.told('closed')
        for (let count = 0; count < 5; count++) await turn()
        expect(told.log.all.at(-1)).toBe('closed')
        expect(told.count('closed')).toBe(1)
        expect(told.error).toBeUndefined()
        const behind = told.log.all.slice(told.log.all.indexOf(event) + 1)
        expect(behind.filter(one => one !== 'written')).toEqual(['closed'])
      },
    )

    test('closes both ends when it is destroyed', async () => {
      const { near, told, farTold } = await opened()
      near.destroy()
      near.destroy()
      await Promise.all([told.told('closed'), farTold.log.until('an end', all => all.length > 0)])
      expect(told.log.all).toEqual(['closed'])
    })

    test('tells of a fault once, with its error, as the last thing', async () => {
      const { near, reset, told } = await opened()
      near.write(hugePieces())
      reset()
      await told.told('closed')
      for (let count = 0; count < 5; count++) await turn()
      expect(told.error).toBeInstanceOf(Error)
      expect(told.count('closed')).toBe(1)
      expect(told.log.all.at(-1)).toBe('closed')
    })

    test('that is over when it is opened tells so, once and with the error', async () => {
      const { near, reset } = await ends()
      near.write(hugePieces())
      reset()
      const told = new Recorder()
      // Nobody tells when an end is over that nobody has opened: its queue does.
      for (let count = 0; count < 5 || (count < 10_000 && near.queued > 0); count++) await turn()
      near.open(told)
      await told.told('closed')
      for (let count = 0; count < 5; count++) await turn()
      expect(told.log.all).toEqual(['closed'])
      expect(told.error).toBeInstanceOf(Error)
    })

    test('that is over bears every call', async () => {
      const { near, told } = await opened()
      near.destroy()
      await told.told('closed')
      expect(near.write([pattern(10)])).toBe(false)
      for (const call of ['pause', 'resume', 'end', 'destroy'] as const) near[call]()
      for (let count = 0; count < 5; count++) await turn()
      expect(near.queued).toBe(0)
      expect(told.log.all).toEqual(['closed'])
    })
  })
}
