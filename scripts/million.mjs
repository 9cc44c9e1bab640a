/**
 * A topic with a million publications and a bounded history: the memory of the node and that of Redis stay flat. Says as well
 * what a publication costs.
 *
 *     npm run build && node scripts/million.mjs [publications]
 */
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startRedis } from './redis.mjs'
import { findRedis } from './services.mjs'

/** @typedef {import('../packages/hotline/dist/backplane/index.js').Backplane} Backplane */

/** Publications under way at a time. */
const WINDOW = 512
const HISTORY = { size: 1000, age: Number.POSITIVE_INFINITY, bytes: 1_048_576 }

/**
 * Publishes on one node and reads on the other; both are open. `memory` is asked now and then what the engine takes.
 *
 * @param {{ from: Backplane, to: Backplane, count: number, samples: number, memory: () => number }} setup
 */
export async function publishMany({ from, to, count, samples, memory }) {
  const topic = `million ${count}`
  const body = new TextEncoder().encode(JSON.stringify({ text: 'x'.repeat(80) }))
  let given = 0
  let last = 0
  let holes = 0
  /** @type {() => void} */
  let arrived = () => {}
  const consumption = to.consume(topic, HISTORY, {
    state(place, entries) {
      if (place.offset - entries.length > last) holes++
      last = place.offset
      arrived()
    },
    kept({ offset }) {
      if (offset !== ++last) holes++
      if (offset % 1000 === 0 || offset === count) arrived()
    },
    passed() {},
  })
  await consumption.ready
  const looks = []
  const begun = performance.now()
  const cpu = process.cpuUsage()
  for (let goal = count / samples; goal <= count; goal += count / samples) {
    const publish = async () => {
      while (given < goal) await from.publish(topic, HISTORY, { node: 'one', sequence: ++given, body })
    }
    await Promise.all(Array.from({ length: WINDOW }, publish))
    while (last < goal) await /** @type {Promise<void>} */ (new Promise(resolve => (arrived = resolve)))
    looks.push({ published: given, engine: memory(), node: heapUsed() })
  }
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  consumption.end()
  return {
    published: given,
    arrived: last,
    holes,
    rate: given / seconds,
    nodeMicroseconds: (user + system) / given,
    looks,
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** Bytes of objects and buffers that somebody holds. */
function heapUsed() {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function main() {
  const count = Number(process.argv[2] ?? 1_000_000)
  const { path, reason } = findRedis()
  if (path === undefined) throw new Error(reason)
  const { redisBackplane } = await import('../packages/hotline/dist/backplane/redis/index.js')
  const redis = await startRedis(path)
  /** @param {string} section @param {string} field */
  const ask = (section, field) => Number(new RegExp(`${field}:([\\d.]+)`).exec(redis.cli('INFO', section))?.[1])
  const cpu = () => ask('cpu', 'used_cpu_user') + ask('cpu', 'used_cpu_sys')
  const [from, to] = [redisBackplane(redis.url), redisBackplane(redis.url)]
  try {
    const events = { up() {}, down: console.error }
    await Promise.all([from.open(events), to.open(events)])
    const before = cpu()
    const result = await publishMany({ from, to, count, samples: 10, memory: () => ask('memory', 'used_memory') })
    const redisMicroseconds = ((cpu() - before) / count) * 1e6
    console.log(JSON.stringify({ ...result, redisMicroseconds }, undefined, 2))
  } finally {
    await Promise.all([from.close(), to.close()])
    await redis.end()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
