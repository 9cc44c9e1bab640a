import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OutputQueue } from '../../src/connection/output.ts'
import { SlabPool } from '../../src/connection/slab.ts'
import type { Transport } from '../../src/connection/transport.ts'
import { Encoder } from '../../src/protocol/encoder.ts'
import { Opcode } from '../../src/protocol/opcode.ts'
import { portableCodec, type TextCodec } from '../../src/protocol/text.ts'
import { frame, join, law, toHex } from '../protocol/support.ts'

/** Bytes of the slab that all share. */
const SLAB = 65_536

/** How much of a write the system reads at once: all, a part, nothing; or it copies all, or what is small, as TLS does. */
type Taking = 'all' | 'part' | 'nothing' | 'copy' | 'copy small'

/** A system below that keeps references to what it was given, and reads from them when the test says so, as kernels do. */
class System implements Transport {
  readonly received: Uint8Array[] = []
  /** What was given and not read; a copy is the system's own. */
  #waiting: Uint8Array[] = []
  taking: Taking = 'all'

  get queued(): number {
    return this.#waiting.reduce((sum, piece) => sum + piece.length, 0)
  }

  write(bytes: Uint8Array | readonly Uint8Array[]): boolean {
    let copied = true
    for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
      const copies = this.taking === 'copy' || (this.taking === 'copy small' && piece.length <= 16_384)
      this.#waiting.push(copies ? Uint8Array.from(piece) : piece)
      copied &&= copies
    }
    if (this.taking === 'all') this.read(Number.POSITIVE_INFINITY)
    if (this.taking === 'part') this.read(this.queued / 2)
    return copied || this.queued === 0
  }

  /** The wire takes so many bytes: only now is it seen what stands in them. */
  read(size: number): void {
    let left = Math.floor(size)
    while (left > 0 && this.#waiting.length > 0) {
      const piece = this.#waiting[0] as Uint8Array
      this.received.push(Uint8Array.from(piece.subarray(0, left)))
      if (piece.length > left) this.#waiting[0] = piece.subarray(left)
      else this.#waiting.shift()
      left -= piece.length
    }
  }

  open(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

/** A queue of a connection, how it is written to, and the system below it. */
function queue(slabs: SlabPool) {
  const system = new System()
  const it = new OutputQueue(slabs, system)
  const encoder = new Encoder({ role: 'server', codec: portableCodec, randomKey: () => 0 }, it)
  const expected: Uint8Array[] = []
  let number = 0
  return {
    it,
    system,
    expected,
    send(payload: Uint8Array): void {
      encoder.frame(Opcode.binary, payload)
      expected.push(frame(0x82, payload))
    },
    /** Bytes that tell of their queue and message, so that a mix-up shows. */
    sendMarked(mark: number, size: number): void {
      const payload = new Uint8Array(size).fill(mark)
      number++
      if (size > 4) payload.set([number >> 8, number & 255], size - 3)
      this.send(payload)
    },
    append(shared: Uint8Array): void {
      it.append(shared, shared.length - 2)
      expected.push(shared)
    },
  }
}

const size = fc.oneof(
  fc.nat(130),
  fc.nat(3000),
  fc.integer({ min: 3000, max: 32_000 }),
  fc.nat(70_000),
  fc.nat(200_000),
)
const step = fc.record({
  queue: fc.nat(3),
  act: fc.constantFrom('send', 'send', 'send', 'send', 'append', 'read', 'read', 'drain', 'taking', 'discard'),
  size,
  taking: fc.constantFrom<Taking>('all', 'part', 'nothing', 'copy', 'copy small'),
})

test('every peer gets its own bytes, in order, whatever the systems below take and when they read it', () => {
  law(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), steps => {
      const slabs = new SlabPool(portableCodec)
      const shared = frame(0x82, new Uint8Array(50).fill(0xee))
      const queues = Array.from({ length: 4 }, () => queue(slabs))
      const gone = new Set<number>()
      for (const [index, { system }] of queues.entries()) system.taking = steps[index]?.taking ?? 'all'
      for (const { queue: index, act, size, taking } of steps) {
        const one = queues[index] as ReturnType<typeof queue>
        if (gone.has(index)) continue
        if (act === 'taking') one.system.taking = taking
        if (act === 'send') one.sendMarked(index + 1, size)
        if (act === 'append') one.append(shared)
        if (act === 'read') one.system.read(size)
        if (act === 'drain') one.system.read(Number.POSITIVE_INFINITY)
        if (act !== 'send' || size % 2 === 0) one.it.flush()
        if (act === 'discard' && size % 16 === 0) {
          one.it.discard()
          gone.add(index)
        }
      }
      for (const [index, { it, system, expected }] of queues.entries()) {
        while (!gone.has(index) && it.queued > 0) {
          system.read(Number.POSITIVE_INFINITY)
          it.flush()
        }
        system.read(Number.POSITIVE_INFINITY)
        const [got, wanted] = [join(system.received), join(expected)]
        if (gone.has(index)) expect(Buffer.compare(got, wanted.subarray(0, got.length))).toBe(0)
        else expect(Buffer.compare(got, wanted)).toBe(0)
      }
    }),
    200,
  )
}, 30_000)

test('a slab of which a part is still read is not written into, although the last write was copied', () => {
  const slabs = new SlabPool(portableCodec)
  const slow = queue(slabs)
  const other = queue(slabs)
  slow.system.taking = 'copy'
  slow.sendMarked(1, 100_000)
  slow.it.flush()
  // 20 kB in the shared slab, which the system takes without copying.
  slow.sendMarked(1, 20_000)
  slow.sendMarked(1, 50_000)
  slow.system.taking = 'nothing'
  slow.it.flush()
  // The rest is copied, while those are still unread.
  slow.system.read(90_000)
  for (let count = 0; count < 5; count++) slow.sendMarked(1, 7000)
  slow.system.taking = 'copy'
  slow.it.flush()
  other.sendMarked(2, 21_000)
  slow.system.read(Number.POSITIVE_INFINITY)
  expect(slow.it.queued).toBe(0)
  expect(Buffer.compare(join(slow.system.received), join(slow.expected))).toBe(0)
})

describe('memory', () => {
  /** A codec that counts the slabs that were made. */
  function counting() {
    let made = 0
    const codec: TextCodec = {
      ...portableCodec,
      workspace(size) {
        made += size
        return portableCodec.workspace(size)
      },
    }
    return { codec, made: () => made }
  }

  test('one slab serves all connections as long as the systems take what is written', () => {
    const { codec, made } = counting()
    const queues = Array.from({ length: 100 }, () => queue(new SlabPool(codec)))
    const slabs = new SlabPool(codec)
    const shared = Array.from({ length: 100 }, () => queue(slabs))
    for (let round = 0; round < 20; round++) {
      for (const one of shared) one.sendMarked(1, 200)
      for (const one of shared) one.it.flush()
    }
    expect(made()).toBe(SLAB)
    for (const one of queues) one.sendMarked(1, 200)
    expect(made()).toBe(SLAB * 101)
  })

  test('a connection that goes with bytes in the slab costs no more than that slab', () => {
    const { codec, made } = counting()
    const slabs = new SlabPool(codec)
    for (let count = 0; count < 1000; count++) {
      const one = queue(slabs)
      one.sendMarked(1, 100)
      one.it.discard()
    }
    expect(made()).toBeLessThan(4 * SLAB)
  })

  const kinds = {
    'small messages': one => one.sendMarked(1, 20),
    'messages of 5 KiB': one => one.sendMarked(1, 5000),
    'messages of 9 KiB': one => one.sendMarked(1, 9000),
    'prepared messages': (one, shared) => one.append(shared),
    'small and prepared messages by turns': (one, shared) => {
      one.sendMarked(1, 20)
      one.append(shared)
    },
  } satisfies Record<string, (one: ReturnType<typeof queue>, shared: Uint8Array) => void>

  test.each(Object.entries(kinds))('a peer that does not read pins little more than its queue: %s', (_name, send) => {
    const { codec, made } = counting()
    const slabs = new SlabPool(codec)
    const one = queue(slabs)
    one.system.taking = 'nothing'
    const shared = frame(0x82, new Uint8Array(20))
    one.sendMarked(1, 100)
    one.it.flush()
    while (one.it.queued < 1_000_000) {
      send(one, shared)
      if (one.it.queued % 3 === 0) one.it.flush()
    }
    expect(made()).toBeLessThan(2 * one.it.queued + 3 * SLAB)
  })

  test('a hundred peers that do not read pin little more than their queues', () => {
    const { codec, made } = counting()
    const slabs = new SlabPool(codec)
    const queues = Array.from({ length: 100 }, () => queue(slabs))
    for (const one of queues) one.system.taking = 'nothing'
    let queued = 0
    for (let round = 0; round < 50; round++) {
      for (const one of queues) {
        one.sendMarked(1, 500)
        one.it.flush()
      }
    }
    for (const one of queues) queued += one.it.queued
    expect(queued).toBeGreaterThan(2_500_000)
    expect(made()).toBeLessThan(2 * queued + 100 * 8192)
  })

  test('large messages one after the other are framed into the same memory', () => {
    const { codec, made } = counting()
    const one = queue(new SlabPool(codec))
    for (let count = 0; count < 50; count++) {
      one.sendMarked(count, 60_000 + count)
      one.it.flush()
    }
    for (const [count, bytes] of one.system.received.entries()) expect(bytes[10]).toBe(count)
    expect(made()).toBe(65_536)
  })

  test('memory of a slow peer is never that of a large message of another', () => {
    const slabs = new SlabPool(portableCodec)
    const [slow, other] = [queue(slabs), queue(slabs)]
    // There is memory for a large message to take.
    other.sendMarked(1, 40_000)
    other.it.flush()
    slow.system.taking = 'copy'
    slow.sendMarked(2, 100)
    slow.it.flush()
    slow.sendMarked(3, 30_000)
    slow.system.read(Number.POSITIVE_INFINITY)
    slow.it.flush()
    slow.sendMarked(4, 10_000)
    other.sendMarked(5, 40_000)
    slow.it.flush()
    other.it.flush()
    slow.system.read(Number.POSITIVE_INFINITY)
    slow.it.flush()
    slow.system.read(Number.POSITIVE_INFINITY)
    for (const one of [slow, other]) expect(toHex(join(one.system.received))).toBe(toHex(join(one.expected)))
  })

  test('a peer over TLS that does not read holds on to nothing that others write', () => {
    const { codec, made } = counting()
    const slabs = new SlabPool(codec)
    const [slow, fast] = [queue(slabs), queue(slabs)]
    // TLS takes bytes at once, and has not written them.
    slow.system.taking = 'copy small'
    for (let round = 0; round < 300; round++) {
      slow.sendMarked(1, 20)
      slow.it.flush()
      for (let count = 0; count < 20; count++) fast.sendMarked(2, 5000)
      fast.it.flush()
    }
    expect(slow.it.queued).toBeGreaterThan(6000)
    expect(made()).toBeLessThan(4 * SLAB)
  })

  test('a queue that has left keeps no memory of its own', () => {
    const one = queue(new SlabPool(portableCodec))
    one.system.taking = 'nothing'
    for (let count = 0; count < 10; count++) {
      one.sendMarked(1, 500)
      one.it.flush()
    }
    expect(one.it.payloadQueued).toBeGreaterThan(4500)
    one.system.taking = 'all'
    one.system.read(Number.POSITIVE_INFINITY)
    one.it.flush()
    one.system.read(Number.POSITIVE_INFINITY)
    one.it.flush()
    expect([one.it.queued, one.it.payloadQueued]).toEqual([0, 0])
  })

  test('nothing is kept when the wire is cut', () => {
    const one = queue(new SlabPool(portableCodec))
    one.system.taking = 'nothing'
    for (let count = 0; count < 100; count++) one.sendMarked(1, 5000)
    one.it.flush()
    one.system.read(Number.POSITIVE_INFINITY)
    one.it.discard()
    expect(one.it.queued).toBe(0)
    one.it.flush()
    expect(one.system.queued).toBe(0)
  })
})

describe('a write', () => {
  test('is given at most 128 KiB at a time, so that progress can be seen', () => {
    const one = queue(new SlabPool(portableCodec))
    one.system.taking = 'nothing'
    one.sendMarked(1, 1_000_000)
    one.it.flush()
    expect(one.system.queued).toBe(131_072)
    one.it.flush()
    expect(one.system.queued).toBe(131_072)
    one.system.read(100_000)
    one.it.flush()
    expect(one.system.queued).toBe(131_072)
  })

  test('of little waits while the system is busy, and then goes together', () => {
    const one = queue(new SlabPool(portableCodec))
    one.system.taking = 'nothing'
    one.sendMarked(1, 10)
    one.it.flush()
    for (let count = 0; count < 50; count++) {
      one.sendMarked(1, 10)
      one.it.flush()
    }
    expect(one.system.queued).toBe(12)
    one.system.read(Number.POSITIVE_INFINITY)
    one.it.flush()
    expect(one.system.queued).toBe(600)
  })
})

test('what waits is told in bytes on the wire, and in application data by proportion', () => {
  const one = queue(new SlabPool(portableCodec))
  one.system.taking = 'nothing'
  one.sendMarked(1, 98)
  expect([one.it.queued, one.it.payloadQueued]).toEqual([100, 98])
  one.it.flush()
  one.system.read(50)
  expect([one.it.queued, one.it.payloadQueued]).toEqual([50, 49])
  one.it.discard()
  expect(one.it.payloadQueued).toBeGreaterThanOrEqual(49)
  expect(toHex(one.system.received[0] as Uint8Array, 0, 3)).toBe('82 62 01')
})

test('a connection that has sent all keeps no memory to write into', () => {
  for (const size of [10, 1_000_000]) {
    const one = queue(new SlabPool(portableCodec))
    one.sendMarked(1, size)
    one.it.flush()
    while (one.it.queued > 0) one.it.flush()
    expect(one.it.bytes.length).toBe(0)
  }
})
