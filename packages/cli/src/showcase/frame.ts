/** Runs the client of the notes in a document of its own, and tells the page around it what it does. */
import { CLIENT_EVENT, type ClientNews } from './news.ts'

/** Declared by the client, in the scope that all scripts of a document share. */
declare const socket: WebSocket

// Opened by itself, by a link that somebody made, this document does nothing.
const frame = window.frameElement
if (frame !== null) run(frame)

function run(frame: Element): void {
  const tell = (news: ClientNews): void => {
    frame.dispatchEvent(new CustomEvent(CLIENT_EVENT, { detail: news }))
  }
  for (const level of ['log', 'error'] as const) {
    const print = console[level]
    console[level] = (...values: unknown[]) => {
      print(...values)
      tell({ kind: 'console', level, values })
    }
  }
  window.addEventListener('error', ({ message }) => tell({ kind: 'failed', message }))
  const script = document.createElement('script')
  script.src = `/seed-client.js${location.search}`
  // It follows in the same task as the script, so no event of the socket comes before.
  script.addEventListener('load', () => {
    const opened = started()
    if (opened !== undefined) tell({ kind: 'socket', socket: opened })
  })
  script.addEventListener('error', () => tell({ kind: 'failed', message: 'the server did not give the client' }))
  document.head.append(script)
}

/** Undefined when the client threw before it had its socket. */
function started(): WebSocket | undefined {
  try {
    return socket
  } catch {
    return undefined
  }
}
