/**
 * What a message costs, counted and not timed, so that a busy machine changes nothing: bytes that are allocated for it, and
 * writes. The bounds are a quarter above what Node 20 to 26 need. Whoever made it cheaper lowers them.
 */
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bursts, echoes, type Load, Measured, masked, peer } from './measure.ts'

const LANES = ['lane', 'public'] as const

/** Bytes for each message, on the lane and by documented API. */
type Bytes = readonly [byLane: number, byApi: number]

interface Workload {
  readonly load: (measured: Measured) => Promise<Load>
  readonly warm: number
  readonly batches: number
  /** Bytes in the heap, and of array buffers outside of it. */
  readonly heap: Bytes
  readonly outside: Bytes
  /** Writes for each batch. */
  readonly writes: number
}

const TEXT = masked(0x81, Buffer.from('hello, this is 20 by'))
const BINARY = masked(0x82, Buffer.from('hello, this is 20 by'))

/** JSON of 1 KiB, compressed as RFC 7692 §7.2.1 says. */
const users = Array.from({ length: 12 }, (_, id) => ({ id, name: `user ${id}`, text: 'some words that come again' }))
const JSON_1K = Buffer.from(JSON.stringify(users).padEnd(1024))
const DEFLATED = masked(0xc1, deflateRawSync(JSON_1K, { finishFlush: 2 }).subarray(0, -4))
const DEFLATE = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }

/** A client of ours that answers a server of bytes. */
const client = (name: string) => async (measured: Measured) => {
  const load = await peer()
  measured.connect(name, load)
  return load
}

const workloads: Readonly<Record<string, Workload>> = {
  'an echo of text, 32 in flight': {
    load: ({ port }) => echoes(port, TEXT, { batch: 32 }),
    warm: 4000,
    batches: 4000,
    heap: [55, 120],
    outside: [4, 33],
    writes: 1,
  },
  'an echo of text, one in flight': {
    load: ({ port }) => echoes(port, TEXT, { batch: 1 }),
    warm: 10_000,
    batches: 20_000,
    heap: [140, 1650],
    outside: [4, 33],
    writes: 1,
  },
  'an echo of bytes, 32 in flight': {
    load: ({ port }) => echoes(port, BINARY, { batch: 32 }),
    warm: 4000,
    batches: 4000,
    heap: [435, 500],
    outside: [25, 58],
    writes: 1,
  },
  'a burst of 16 messages to 50 sockets': {
    load: ({ port }) => bursts(port, { burst: 16, members: 50 }),
    warm: 100,
    batches: 200,
    heap: [78, 150],
    outside: [10, 10],
    writes: 50,
  },
  'an echo of compressed JSON, 16 in flight': {
    load: ({ port }) => echoes(port, DEFLATED, { batch: 16, headers: DEFLATE }),
    warm: 200,
    batches: 8,
    heap: [5000, 10_300],
    outside: [4, 56_000],
    writes: 1,
  },
  'a client that reads with for await': {
    load: client('for await'),
    warm: 2000,
    batches: 1000,
    heap: [530, 590],
    outside: [4, 28],
    writes: 1,
  },
  'a client with the events of browsers': {
    load: client('WebSocket'),
    warm: 2000,
    batches: 500,
    heap: [1410, 1840],
    outside: [4, 28],
    writes: 1,
  },
}

const cases = Object.entries(workloads).flatMap(([name, workload]) => LANES.map(lane => ({ name, lane, ...workload })))

test.each(cases)('$name, $lane: no more is allocated and written than has to be', async workload => {
  const at = LANES.indexOf(workload.lane)
  using measured = await Measured.start(workload.lane)
  using load = await workload.load(measured)
  const cost = await measured.costOf(load, workload)
  const grown = [
    over(cost.heap, workload.heap[at], 'bytes in the heap for each message'),
    over(cost.outside, workload.outside[at], 'bytes outside of the heap for each message'),
    over(cost.writes, workload.writes, 'writes of sockets for each batch'),
    // The system's figure has the writes by which the process is asked in it.
    over(cost.systemWrites - 2 / workload.batches, workload.writes, 'writes of the process for each batch'),
  ]
  expect(grown.filter(Boolean)).toEqual([])
})

/** What the failure says: which figure has grown, and by how much. */
const over = (figure: number, bound = 0, what: string): string | undefined =>
  figure > bound ? `${figure.toFixed(2)} ${what}; the bound is ${bound}` : undefined
