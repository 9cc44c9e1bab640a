/**
 * The load: a process of its own that writes bytes made beforehand and counts those that come back. It parses nothing
 * but the first answer, from which it knows how long each is.
 */
import { setTimeout } from 'node:timers/promises'
import { memoryOf } from '../process.mjs'
import { Counter, measure } from '../window.mjs'
import { fail } from './connection.mjs'
import { makeMessage } from './messages.mjs'
import { encode, open, openAll, probe } from './protocols.mjs'

/** @typedef {import('../types.ts').LoadOptions} LoadOptions */
/** @typedef {import('../types.ts').Sample} Sample */

/** @type {LoadOptions} */
const options = JSON.parse(process.argv[2])
const payload = makeMessage(options.message)
const pids = { measured: options.pid, other: process.pid }

/** @type {Record<LoadOptions['kind'], () => Promise<Sample>>} */
const kinds = { echo, broadcast, idle, accept }

/** Each connection sends so many messages as one piece, and again when all of them are answered. */
async function echo() {
  const connections = await openAll(options)
  const answer = await probe(connections[0], payload, options)
  const batch = Buffer.concat(Array.from({ length: options.inFlight }, () => encode(payload, options)))
  const counter = new Counter()
  for (const connection of connections) {
    let got = 0
    let since = 0
    const send = () => {
      got = 0
      since = performance.now()
      connection.write(batch)
    }
    connection.counted = length => {
      const before = Math.floor(got / answer)
      got += length
      const done = Math.floor(got / answer) - before
      if (done > 0) counter.add(done, since)
      if (got === answer * options.inFlight) send()
      else if (got > answer * options.inFlight) fail(new Error('more came back than was sent'))
    }
    send()
  }
  return { ...(await measure(options, pids, counter)), answer }
}

/** One connection sends, every connection gets it, and only then the next is sent. */
async function broadcast() {
  const sender = await open(options)
  const answer = await probe(sender, payload, options)
  const others = await openAll({ ...options, connections: options.connections - 1 })
  const burst = Buffer.concat(Array.from({ length: options.inFlight }, () => encode(payload, options)))
  const expected = answer * options.inFlight * options.connections
  const counter = new Counter()
  let [got, since] = [0, 0]
  const send = () => {
    got = 0
    since = performance.now()
    sender.write(burst)
  }
  for (const connection of [sender, ...others]) {
    connection.counted = length => {
      const before = Math.floor(got / answer)
      got += length
      counter.add(Math.floor(got / answer) - before, since)
      if (got === expected) send()
      else if (got > expected) fail(new Error('more came back than was sent'))
    }
  }
  send()
  return { ...(await measure(options, pids, counter)), answer }
}

/** Memory of connections that say nothing: what the process grew by, after it has served a few and had time to settle. */
async function idle() {
  const few = await openAll({ ...options, connections: 20 })
  await probe(few[0], payload, options)
  await setTimeout(options.warmup * 1000)
  const before = memoryOf(options.pid)
  await openAll(options)
  await setTimeout(options.seconds * 1000)
  return { memory: (memoryOf(options.pid) - before) / options.connections }
}

/** Connections that are opened, upgraded and ended, so many at a time. */
async function accept() {
  const counter = new Counter()
  const again = async () => {
    for (;;) {
      const since = performance.now()
      const connection = await open(options)
      counter.add(1, since)
      connection.end()
    }
  }
  for (let i = 0; i < options.inFlight; i++) again().catch(fail)
  return measure(options, pids, counter)
}

try {
  console.log(JSON.stringify(await kinds[options.kind]()))
  process.exit()
} catch (error) {
  fail(/** @type {Error} */ (error))
}
