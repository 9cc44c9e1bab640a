// The server's CPU for each message of an echo, hotline beside ws: interleaved rounds in one run, medians.
// node bench/echo.mjs [--rounds 5] [--seconds 2] [--connections 50] [--pipeline 32] [--size 20]
import { fork, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '50' },
    pipeline: { type: 'string', default: '32' },
    size: { type: 'string', default: '20' },
    server: { type: 'string' },
    load: { type: 'string' },
  },
})
const [rounds, seconds, connections, pipeline, size] = ['rounds', 'seconds', 'connections', 'pipeline', 'size'].map(
  key => Number(values[key]),
)

/** The servers, each in a process of its own, with its defaults. The public one uses documented parts of Node only. */
const servers = {
  async hotline() {
    const { serve } = await import('hotline/server')
    const server = await serve({ port: 0, routes: { '/': { message: (socket, message) => socket.send(message) } } })
    return server.port
  },
  'hotline-public': () => servers.hotline(),
  async ws() {
    const { WebSocketServer } = await import('ws')
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('connection', socket => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    await new Promise(resolve => server.on('listening', resolve))
    return server.address().port
  },
}

/** Clock ticks of user and system time that a process has used. */
function ticksOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return Number(fields[11]) + Number(fields[12])
}

const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout)

/** `pipeline` masked text frames in one piece. The load only counts the bytes that come back. */
function frames() {
  const frame = Buffer.alloc(6 + size)
  frame[0] = 0x81
  frame[1] = 0x80 | size
  frame.writeUInt32BE(0x11223344, 2)
  for (let i = 0; i < size; i++) frame[6 + i] = 0x61 ^ frame[2 + (i & 3)]
  return Buffer.concat(Array.from({ length: pipeline }, () => frame))
}

const batch = frames()
const answer = (2 + size) * pipeline

function open(port, count) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let awaited = -1
    socket.on('error', reject)
    socket.on('data', chunk => {
      if (awaited < 0) {
        awaited = answer
        resolve(socket)
        return
      }
      awaited -= chunk.length
      if (awaited > 0) return
      count(pipeline)
      awaited = answer
      socket.write(batch)
    })
    socket.write(
      'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
  })
}

async function load(port) {
  let messages = 0
  const sockets = await Promise.all(
    Array.from({ length: connections }, () =>
      open(port, n => {
        messages += n
      }),
    ),
  )
  for (const socket of sockets) socket.write(batch)
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  for (const socket of sockets) socket.destroy()
  return messages
}

const start = (...args) => {
  const lane = args.includes('hotline-public') ? { HOTLINE_LANE: 'public' } : {}
  return fork(new URL(import.meta.url), [...process.argv.slice(2), ...args], { env: { ...process.env, ...lane } })
}
const told = child => new Promise(resolve => child.once('message', resolve))
const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

async function main() {
  const costs = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(servers)) {
      const server = start('--server', name)
      const port = await told(server)
      const generator = start('--load', String(port))
      const before = ticksOf(server.pid)
      const messages = await told(generator)
      const micros = ((ticksOf(server.pid) - before) / TICKS_PER_SECOND / messages) * 1e6
      costs[name] = [...(costs[name] ?? []), micros]
      console.log(`round ${round + 1} ${name}: ${messages} messages, ${micros.toFixed(2)} µs of CPU each`)
      server.kill()
      generator.kill()
    }
  }
  const other = median(costs.ws)
  for (const [name, micros] of Object.entries(costs)) {
    const own = median(micros)
    console.log(`median of ${name}: ${own.toFixed(2)} µs, ${(own / other).toFixed(3)} of ws`)
  }
}

if (values.server) process.send(await servers[values.server]())
else if (values.load) process.send(await load(Number(values.load)))
else await main()
