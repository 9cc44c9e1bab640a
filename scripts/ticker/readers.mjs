/** Readers of the ticker, all of one speed, in a process of their own: they note how old each publication is when it is read. */
import hdr from 'hdr-histogram-js'
import { openSocket } from 'hotline/client'

/** @typedef {{ url: string, count: number, pace: number, seconds: number }} Orders */
/** Ages in milliseconds; `parts` are those of each fortieth of the time. */
/** @typedef {{ read: number, p50: number, p99: number, max: number, parts: (number | null)[] }} Ages */

const PARTS = 40
/** The first part of the time is not judged: all programs are cold then. */
const WARM = 0.1
const { url, count, pace, seconds } = /** @type {Orders} */ (JSON.parse(process.argv[2] ?? '{}'))

/** Microseconds. */
const histogram = () => hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000 })
const all = histogram()
const parts = Array.from({ length: PARTS }, histogram)
let start = 0

const now = () => performance.timeOrigin + performance.now()

/** @param {unknown} message */
function note(message) {
  const time = now()
  if (time < start + seconds * WARM * 1000) return
  const age = Math.max(1, Math.round((time - JSON.parse(String(message)).at) * 1000))
  all.recordValue(age)
  parts[Math.floor(((time - start) / seconds / 1000) * PARTS)]?.recordValue(age)
}

/** Reads so many messages a second; without a pace it has stopped. @param {import('hotline/client').ClientSocket} socket */
async function readSlowly(socket) {
  if (pace === 0) return
  const begin = performance.now()
  let got = 0
  for await (const message of socket) {
    note(message)
    const ahead = (++got * 1000) / pace - (performance.now() - begin)
    if (ahead > 0) await new Promise(resolve => setTimeout(resolve, ahead))
  }
}

async function readFast(/** @type {import('hotline/client').ClientSocket} */ socket) {
  for await (const message of socket) note(message)
}

const sockets = await Promise.all(
  Array.from({ length: count }, () => openSocket(url, { highMark: 1, deflate: false, maxMessage: 1e6 })),
)
for (const socket of sockets) (pace < 1000 ? readSlowly(socket) : readFast(socket)).catch(() => {})
process.send?.('open')
await new Promise(resolve => process.once('message', resolve))
start = now()
await new Promise(resolve => process.once('message', resolve))
for (const socket of sockets) socket.terminate()
process.send?.(figures())
process.disconnect?.()

/** @returns {Ages} */
function figures() {
  const ms = (/** @type {number} */ us) => Math.round(us / 100) / 10
  return {
    read: all.totalCount,
    p50: ms(all.getValueAtPercentile(50)),
    p99: ms(all.getValueAtPercentile(99)),
    max: all.totalCount === 0 ? 0 : ms(all.maxValue),
    parts: parts.map(part => (part.totalCount === 0 ? null : ms(part.getValueAtPercentile(99)))),
  }
}
