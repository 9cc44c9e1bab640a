/** How a page gets updates by each of the four ways. Each goes on until it is told to stop. */
import type { Lane, Told } from '../words.ts'

export interface LaneContext {
  readonly visit: string
  /** Milliseconds until the next poll. */
  readonly interval: () => number
  readonly hear: (update: Told) => void
  /** It works, or why it does not. */
  readonly state: (trouble: string | undefined) => void
  readonly signal: AbortSignal
}

/** Milliseconds until what failed is tried again. */
const AGAIN = 1000

export const RUN: Readonly<Record<Lane, (context: LaneContext) => void>> = {
  polling: context => void poll(context),
  'long-polling': context => void wait(context),
  sse: listen,
  websocket: dial,
}

async function poll(context: LaneContext): Promise<void> {
  for (let last = 0; !context.signal.aborted; ) {
    last = await ask(context, 'poll', last)
    await pause(context.interval(), context.signal)
  }
}

async function wait(context: LaneContext): Promise<void> {
  for (let last = 0; !context.signal.aborted; ) last = await ask(context, 'wait', last)
}

/** Hears what is behind the last update, and gives the last one of that. */
async function ask({ visit, hear, state, signal }: LaneContext, path: string, last: number): Promise<number> {
  try {
    const answer = await fetch(`/compare/${path}?visit=${visit}&after=${last}`, { signal })
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    const updates: readonly Told[] = await answer.json()
    state(undefined)
    for (const update of updates) hear(update)
    return updates.at(-1)?.id ?? last
  } catch {
    if (!signal.aborted) state('No answer; asking again.')
    await pause(AGAIN, signal)
    return last
  }
}

/** EventSource comes back by itself. */
function listen({ visit, hear, state, signal }: LaneContext): void {
  const source = new EventSource(`/compare/events?visit=${visit}`)
  source.onopen = () => state(undefined)
  source.onmessage = ({ data }) => hear(JSON.parse(data))
  source.onerror = () => state('The stream is broken; the browser opens it again.')
  signal.addEventListener('abort', () => source.close())
}

function dial(context: LaneContext): void {
  const { visit, hear, state, signal } = context
  const url = new URL(`/compare?visit=${visit}`, location.href)
  const socket = new WebSocket(url.href.replace(/^http/, 'ws'))
  socket.onopen = () => state(undefined)
  socket.onmessage = ({ data }) => hear(JSON.parse(data))
  socket.onclose = async () => {
    if (signal.aborted) return
    state('The line is closed; opening another.')
    await pause(AGAIN, signal)
    if (!signal.aborted) dial(context)
  }
  signal.addEventListener('abort', () => socket.close())
}

/** Fulfilled after that time, or when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
