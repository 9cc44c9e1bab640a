/** The same topic without servers and lines: two backplanes in this process, for what the engine and its client alone cost. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Engine } from './nodes/engines.mjs'

/** @typedef {import('hotline/backplane').Backplane} Backplane */

/** Publications under way at a time. */
const WINDOW = 512
const SAMPLES = 10
const HISTORY = { size: 1000, age: Number.POSITIVE_INFINITY, bytes: 1_048_576 }
const TOPIC = 'million'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** MiB of objects and buffers that somebody holds. */
function heapUsed() {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return inMiB(heapUsed + arrayBuffers)
}

/** @param {number} bytes */
const inMiB = bytes => Math.round(bytes / 104_857.6) / 10

/** @param {{ backplane: 'redis' | 'nats', publications: number, progress?: (share: number) => void }} how */
export async function chaosOfBare({ backplane, publications, progress = () => {} }) {
  const engine = await Engine.start(backplane, 'none')
  const [from, to] = await Promise.all([open(engine.url()), open(engine.url())])
  try {
    return await publishAll({ from, to, engine, publications, progress })
  } finally {
    await Promise.all([from.close(), to.close()])
    await engine.close()
  }
}

/** @param {string} url @returns {Promise<Backplane>} */
async function open(url) {
  const backplane = url.startsWith('redis')
    ? (await import('hotline/redis')).redisBackplane(url)
    : (await import('hotline/nats')).natsBackplane(url)
  await backplane.open({ up() {}, down: console.error })
  return backplane
}

/** @param {Backplane} to */
async function follow(to) {
  const reader = { last: 0, lost: 0, doubled: 0, came: () => {} }
  const { ready } = to.consume(TOPIC, HISTORY, {
    state({ offset }, entries) {
      reader.lost += Math.max(0, offset - entries.length - reader.last)
      reader.last = offset
      reader.came()
    },
    kept({ offset }) {
      if (offset <= reader.last) reader.doubled++
      reader.lost += Math.max(0, offset - reader.last - 1)
      reader.last = offset
      reader.came()
    },
    passed() {},
  })
  await ready
  return reader
}

/** @param {{ from: Backplane, to: Backplane, engine: Engine, publications: number, progress: (share: number) => void }} run */
async function publishAll({ from, to, engine, publications, progress }) {
  const body = new TextEncoder().encode(JSON.stringify({ text: 'x'.repeat(80) }))
  const reader = await follow(to)
  const memory = []
  const [began, cpu, engineCpu] = [performance.now(), process.cpuUsage(), engine.vitals.cpu]
  let given = 0
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const goal = Math.round((publications * sample) / SAMPLES)
    const publish = async () => {
      while (given < goal) await from.publish(TOPIC, HISTORY, { node: 'one', sequence: ++given, body })
    }
    await Promise.all(Array.from({ length: WINDOW }, publish))
    await /** @type {Promise<void>} */ (
      new Promise(resolve => {
        reader.came = () => reader.last >= goal && resolve()
        reader.came()
      })
    )
    memory.push({ given, heap: heapUsed(), engine: inMiB(await engine.used()) })
    progress(sample / SAMPLES)
  }
  const { user, system } = process.cpuUsage(cpu)
  const each = (/** @type {number} */ microseconds) => Math.round((10 * microseconds) / given) / 10
  return {
    published: given,
    delivered: reader.last,
    lost: reader.lost,
    doubled: reader.doubled,
    disordered: 0,
    altered: 0,
    rate: Math.round(given / ((performance.now() - began) / 1000)),
    nodeMicros: each(user + system),
    engineMicros: each((engine.vitals.cpu - engineCpu) * 1000),
    memory,
    findings: [],
  }
}
