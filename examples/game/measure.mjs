/**
 * What the game costs its server: `node examples/game/measure.mjs [players] [bots] [seconds]`.
 *
 * The players are of the protocol in README.md, written by hand; the server says its CPU and its ticks itself.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'hotline/client'

const [people = 2, bots = 50, seconds = 20] = process.argv.slice(2).map(Number)
const bin = fileURLToPath(new URL('../../packages/cli/bin/hotline.js', import.meta.url))
const env = { ...process.env, GAME_BOTS: String(bots) }
const server = spawn(process.execPath, [bin, 'serve', '--quiet', '--port', '0'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const { value: url } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next()

/** @type {{ rate: number, cpu: number }[]} */
const tables = []
let [states, bytes] = [0, 0]

/** @param {number} number */
async function play(number) {
  const socket = new WebSocket(`${url}/game`)
  socket.binaryType = 'arraybuffer'
  let [steps, turn] = [0, 0]
  socket.addEventListener('message', ({ data }) => {
    const view = new DataView(/** @type {ArrayBuffer} */ (data))
    const kind = view.getUint8(0)
    if (kind === 19 && number === 0) tables.push({ rate: view.getUint16(1) / 100, cpu: view.getUint16(3) / 10 })
    if (kind !== 17) return
    states++
    bytes += view.byteLength
    const steer = new DataView(new ArrayBuffer(13))
    steer.setUint8(0, 2)
    steer.setUint32(1, view.getUint32(1))
    steer.setUint32(5, ++steps)
    steer.setUint8(9, 1)
    if (steps % 40 === 0) turn = Math.random() * 2 * Math.PI
    steer.setInt8(10, 127 * Math.cos(turn))
    steer.setInt8(11, 127 * Math.sin(turn))
    socket.send(steer)
  })
  await once(socket, 'open')
  socket.send(Uint8Array.of(1, 1, 1, 0x61))
}

await Promise.all(Array.from({ length: people }, (_, number) => play(number)))
await new Promise(resolve => setTimeout(resolve, (seconds + 3) * 1000))
server.kill()

// The first two seconds are those of the start.
const settled = tables.slice(2)
const mean = (/** @type {'rate' | 'cpu'} */ what) =>
  settled.reduce((sum, table) => sum + table[what], 0) / settled.length
console.log(
  `${people} players, ${bots} bots: ${mean('rate').toFixed(1)} ticks a second, ${mean('cpu').toFixed(1)} % of a core, ` +
    `${Math.round(bytes / states)} bytes for a state`,
)
process.exit()
