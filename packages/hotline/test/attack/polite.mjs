/** A client that behaves: it echoes all the time, in a process of its own, and measures how long that takes. */
import { openSocket } from 'hotline/client'

/** Milliseconds between an echo and the next one, so that the attack gets the processor. */
const PACE = 5

const figures = { echoes: 0, worst: 0 }
let sentAt = performance.now()

const socket = await openSocket(process.argv[2] ?? '')
const say = () => {
  sentAt = performance.now()
  socket.send('polite').catch(() => {})
}

/** @type {() => void} */
let echoed = () => {}

process.on('message', async (/** @type {{ id: number, ask: 'begin' | 'look' }} */ { id, ask }) => {
  // An attack may be shorter than an echo: the next one counts too. A server that hangs has no answer to this.
  if (ask === 'look') await new Promise(resolve => void (echoed = () => resolve(undefined)))
  const result = { ...figures, open: socket.state === 'open' }
  if (ask === 'begin') figures.echoes = figures.worst = 0
  process.send?.({ id, result })
})
process.on('disconnect', () => socket.terminate())

say()
process.send?.({ id: 0, result: 0 })
for await (const message of socket) {
  if (message !== 'polite') throw new Error('an echo of something else')
  figures.echoes++
  figures.worst = Math.max(figures.worst, performance.now() - sentAt)
  echoed()
  setTimeout(say, PACE)
}
