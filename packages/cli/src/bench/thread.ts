/** A thread of the load: opens, waits for the word to go, and gives its result. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ToThread } from './crew.ts'
import { Load } from './load.ts'
import type { Share } from './plan.ts'

const port = parentPort
if (port === null) throw new Error('this file is a worker thread')
const tell = (message: FromThread): void => port.postMessage(message)

const load = new Load(workerData as Share, progress => tell({ type: 'progress', progress }))
const word = new Promise<void>(resolve => {
  port.on('message', (message: ToThread) => {
    if (message === 'stop') load.stop()
    resolve()
  })
})

const opening = await load.open()
tell({ type: 'opened', opening, troubles: load.troubles })
await word
tell({ type: 'done', result: await load.run(opening) })
port.close()
