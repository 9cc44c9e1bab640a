/** A node as a process of its own: it takes its settings as its argument, and speaks by IPC. */
import { runNode } from './program.mjs'

/** @param {import('./words.mjs').FromNode} message */
const tell = message => void process.send?.({ chaos: message })

try {
  const node = await runNode(JSON.parse(process.argv[2] ?? ''), tell)
  process.on('message', message => {
    if (typeof message === 'object' && message !== null && 'chaos' in message)
      node.hear(/** @type {import('./words.mjs').ToNode} */ (message.chaos))
  })
  // What orchestrators send before they replace a node.
  process.once('SIGTERM', async () => {
    await node.hear({ drain: true })
    process.exit()
  })
  // The harness is gone.
  process.on('disconnect', () => process.exit())
} catch (error) {
  tell({ broken: String(error) })
  process.exitCode = 1
}
