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

process.on('message', (/** @type {{ id: number, ask: 'begin' | 'look' }} */ { id, ask }) => {
  // The echo that is under way counts: a server that hangs has no better latency than that.
  const result = { ...figures, worst: Math.max(figures.worst, performance.now() - sentAt), open: socket.state === 'open' }
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
  setTimeout(say, PACE)
}
