/** Sockets that read, as a process of its own: as little as can be done for each message, and the same for all systems. */
import { WebSocket } from 'hotline'
import { TOPIC } from './words.mjs'

/** Milliseconds between two words about what has come. */
const TELL = 5

const { urls, clients } = JSON.parse(process.argv[2] ?? '')
/** Publications that each has. */
const counts = new Uint32Array(clients)
let delivered = 0
/** Of each delivery while it is measured, in microseconds. @type {number[] | undefined} */
let times

/** @param {import('./words.mjs').FromReaders} message */
const tell = message => void process.send?.({ scaling: message })

/** @param {number} index @param {string} text */
function took(index, text) {
  const at = text.indexOf('"at":')
  if (at < 0) return
  counts[index]++
  delivered++
  times?.push(Number(process.hrtime.bigint() / 1000n) - Number.parseInt(text.slice(at + 5, at + 25), 10))
}

/** @param {number} index @param {string} url */
function open(index, url) {
  const isSocketIo = url.includes('socket.io')
  const socket = new WebSocket(url, isSocketIo ? [] : 'hotline.1')
  return new Promise((resolve, reject) => {
    socket.onopen = () => {
      // Engine.IO 4 and Socket.IO 5: the namespace is joined by 40, and 2 is answered by 3.
      socket.send(isSocketIo ? '40' : JSON.stringify({ type: 'subscribe', id: 1, topic: TOPIC }))
    }
    socket.onmessage = ({ data }) => {
      const text = String(data)
      if (text === '2') socket.send('3')
      else if (text.startsWith('40') || text.startsWith('{"type":"subscribed"')) resolve(undefined)
      else took(index, text)
    }
    socket.onclose = ({ code, reason }) => reject(new Error(`a line was closed: ${code} ${reason}`))
  })
}

process.on('disconnect', () => process.exit())
process.on('message', message => {
  if (/** @type {{ scaling: string }} */ (message).scaling === 'begin') times = []
  else {
    const all = Float64Array.from(times ?? []).sort()
    times = undefined
    /** @param {number} share */
    const at = share => (all[Math.floor(all.length * share)] ?? 0) / 1000
    tell({ latencies: { p50: at(0.5), p99: at(0.99), count: all.length } })
  }
})
await Promise.all(Array.from({ length: clients }, (_, index) => open(index, urls[index % urls.length])))
tell({ ready: true })
setInterval(() => tell({ seen: { seen: Math.min(...counts), delivered } }), TELL)
