/**
 * `npm run ticker`: what slow readers of a topic cost and get. A thousand publications a second of fifty symbols, some of
 * the readers at a tenth of that speed, or stopped. Figures of this machine, whatever else it does.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { openSocket } from 'hotline/client'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '8' }, json: { type: 'boolean' } } })
const seconds = Number(values.seconds)

/** @typedef {import('./server.mjs').Order} Order */
/** @typedef {{ name: string, fast: number, slow: number, pace: number } & Omit<Order, 'seconds'>} Scene */
/** @typedef {{ rss: number[], stats: import('hotline/server').TopicStats }} Report */

/** `pace`: messages a second that a slow reader reads; 0: it stops. @type {Scene[]} */
const scenes = [
  { name: 'nobody is slow', fast: 100, slow: 0, pace: 0, policy: 'latest', every: 0, size: 40 },
  { name: 'latest', fast: 90, slow: 10, pace: 100, policy: 'latest', every: 0, size: 40 },
  { name: 'latest, every 100 ms', fast: 90, slow: 10, pace: 100, policy: 'latest', every: 100, size: 40 },
  { name: 'stopped, latest', fast: 10, slow: 10, pace: 0, policy: 'latest', every: 0, size: 4096 },
  { name: 'stopped, drop-oldest', fast: 10, slow: 10, pace: 0, policy: 'drop-oldest', every: 0, size: 4096 },
  { name: 'stopped, disconnect', fast: 10, slow: 10, pace: 0, policy: 'disconnect', every: 0, size: 4096 },
]

const now = () => performance.timeOrigin + performance.now()
/** @param {number} ms */
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/**
 * Reads until the line ends, and notes how old each publication is when it is read.
 * @param {string} url
 * @param {number} pace
 * @param {number[]} ages
 */
async function reader(url, pace, ages) {
  const socket = await openSocket(url, { highMark: 1, deflate: false })
  const start = performance.now()
  /** @param {number} got */
  const wait = got => sleep(Math.max(0, (got * 1000) / pace - (performance.now() - start)))
  const reading = (async () => {
    let got = 0
    for await (const message of socket) {
      ages.push(now() - JSON.parse(String(message)).at)
      if (pace < 1000) await wait(++got)
    }
  })()
  reading.catch(() => {})
  return socket
}

/** @param {Scene} scene */
async function play({ fast, slow, pace, ...order }) {
  const child = fork(new URL('server.mjs', import.meta.url), [JSON.stringify({ ...order, seconds })])
  const [{ url }] = /** @type {[{ url: string }]} */ (await once(child, 'message'))
  /** @type {number[][]} */
  const [quick, late] = [[], []]
  const sockets = await Promise.all([
    ...Array.from({ length: fast }, () => reader(url, 1000, quick ?? [])),
    ...Array.from({ length: slow }, () =>
      pace === 0 ? openSocket(url, { highMark: 1 }) : reader(url, pace, late ?? []),
    ),
  ])
  child.send('go')
  const [report] = /** @type {[Report]} */ (await once(child, 'message'))
  for (const socket of sockets) socket.terminate()
  child.send('end')
  await once(child, 'exit')
  return { quick: figures(quick ?? []), late: figures(late ?? []), ...report }
}

/** @param {number[]} ages */
function figures(ages) {
  const sorted = ages.sort((a, b) => a - b)
  /** @param {number} part */
  const at = part => Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) * 10) / 10
  return { read: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** @param {ReturnType<typeof figures>} ages */
const told = ({ read, p50, p99, max }) => (read === 0 ? '–' : `${p50}, ${p99}, ${max}`)

if (!values.json) {
  console.log(
    '| readers | fast: age in ms, p50, p99, max | slow: age in ms | passed over | closed | RSS in MiB, over time |',
  )
  console.log('|---|---|---|---|---|---|')
}
for (const scene of scenes) {
  const { quick, late, rss, stats } = await play(scene)
  if (values.json) {
    console.log(JSON.stringify({ name: scene.name, quick, late, rss, stats }))
    continue
  }
  const memory = rss.map(bytes => Math.round(bytes / 1_048_576)).join(' ')
  const { passedOver, disconnected } = stats
  console.log(`| ${scene.name} | ${told(quick)} | ${told(late)} | ${passedOver} | ${disconnected} | ${memory} |`)
}
