/** What a line and a publication cost: the tables of docs/guide/deploy.md. `node scripts/sizing.mjs`, which needs a build, Redis, and a minute. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { generate } from 'selfsigned'
import { WebSocket } from 'ws'
import { freePorts, Node, startRedis } from '../examples/rolling/processes.js'

const LINES = 4_000

/** What is opened, and what each line says then. */
const KINDS = /** @type {const} */ ({
  'ws://, plain, idle': { secure: false, protocols: [], says: [] },
  'ws://, hotline.1, one topic': {
    secure: false,
    protocols: ['hotline.1'],
    says: [{ type: 'subscribe', id: 1, topic: 'news' }],
  },
  'ws://, hotline.1, one topic with presence': {
    secure: false,
    protocols: ['hotline.1'],
    says: [{ type: 'subscribe', id: 1, topic: 'room', presence: true }],
  },
  'wss://, plain, idle': { secure: true, protocols: [], says: [] },
})

/** In the process of the server: says where it is, and its memory when it is asked. */
async function server() {
  const { serve } = await import('hotline/server')
  const secure = process.argv[3] === 'true'
  const { cert, private: key } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
  const it = await serve({
    port: 0,
    ...(secure ? { tls: { cert, key } } : {}),
    topics: { news: { subscribe: true, history: { size: 100 } }, room: { subscribe: true, presence: true } },
    routes: { '/': { topics: true } },
  })
  process.on('message', () => {
    for (let round = 0; round < 4; round++) globalThis.gc?.()
    const { rss } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    process.send?.({ rss, cpu: user + system, sockets: it.sockets.size })
  })
  process.send?.({ url: it.url })
}

/** @param {string} url @param {{ protocols: readonly string[], says: readonly object[] }} kind */
async function open(url, { protocols, says }) {
  const socket = new WebSocket(url, [...protocols], { rejectUnauthorized: false, perMessageDeflate: false })
  await once(socket, 'open')
  for (const message of says) {
    socket.send(JSON.stringify(message))
    await once(socket, 'message')
  }
}

/** @param {string} name @param {typeof KINDS[keyof typeof KINDS]} kind */
async function measure(name, kind) {
  const args = ['server', String(kind.secure)]
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--expose-gc'] })
  const [{ url }] = await once(child, 'message')
  const ask = async () => {
    await setTimeout(1_000)
    child.send('how')
    return (await once(child, 'message'))[0]
  }
  // What is made once is not counted.
  for (let line = 0; line < 200; line++) await open(url, kind)
  const before = await ask()
  for (let line = 0; line < LINES; line += 50) await Promise.all(Array.from({ length: 50 }, () => open(url, kind)))
  const after = await ask()
  child.kill('SIGKILL')
  const bytes = (after.rss - before.rss) / LINES
  const micros = (after.cpu - before.cpu) / LINES
  const perGiB = Math.floor(2 ** 30 / bytes / 1000) * 1000
  console.log(
    `| ${name} | ${(bytes / 1024).toFixed(1)} KiB | ${perGiB.toLocaleString('en')} | ${Math.round(micros)} µs |`,
  )
}

const PUBLICATIONS = 8_000

/** Microseconds of CPU that processes have had, all threads; a tick of Linux is 10 ms. @param {readonly number[]} pids */
const cpuOf = pids =>
  pids.map(pid => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  })

/** Publishes over one node, and reads on two others, by Redis. */
async function publications() {
  const folder = mkdtempSync(join(tmpdir(), 'hotline-sizing-'))
  const [redisPort = 0, ...ports] = await freePorts(4)
  const redis = await startRedis(redisPort, folder)
  const settings = { BACKPLANE: `redis://127.0.0.1:${redisPort}` }
  const nodes = await Promise.all(ports.map(port => new Node(port, settings).ready()))
  const { connect } = await import('hotline/client')
  const [line, ...readers] = ports.map(port => connect(`ws://127.0.0.1:${port}/topics`, { protocols: ['hotline.1'] }))
  await Promise.all(readers.map(reader => new Promise(resolve => reader.topic('public/one').on('subscribed', resolve))))
  const pids = [redis, ...nodes.map(({ child }) => child)].map(child => child.process.pid ?? 0)
  const publish = async (/** @type {number} */ count, /** @type {number} */ width) => {
    let next = 0
    const one = async () => {
      while (next++ < count) await line?.publish('public/one', { text: 'x'.repeat(100) })
    }
    await Promise.all(Array.from({ length: width }, one))
  }
  for (const width of [1, 32]) {
    await publish(PUBLICATIONS / 2, width)
    const before = cpuOf(pids)
    await publish(PUBLICATIONS, width)
    await setTimeout(500)
    const [engine = 0, publisher = 0, ...others] = cpuOf(pids).map(
      (cpu, index) => (cpu - (before[index] ?? 0)) / PUBLICATIONS,
    )
    const reader = others.reduce((sum, cpu) => sum + cpu, 0) / others.length
    console.log(`| ${width} | ${publisher.toFixed(0)} µs | ${reader.toFixed(0)} µs | ${engine.toFixed(0)} µs |`)
  }
  await Promise.all([...nodes.map(({ child }) => child.stop('SIGKILL')), redis.stop()])
  rmSync(folder, { recursive: true })
}

if (process.argv[2] === 'server') await server()
else {
  for (const [name, kind] of Object.entries(KINDS)) await measure(name, kind)
  console.log()
  await publications()
  process.exit()
}
