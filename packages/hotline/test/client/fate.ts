/** What becomes of a WebSocket: its events in order, and what they say. */
import type { CloseEvent, ErrorEvent } from '../../src/client/events.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { WebSocket } from '../../src/client/websocket.ts'
import { within } from '../support/deadline.ts'

export interface Fate {
  readonly events: readonly string[]
  /** Of the error event, where there was one. */
  readonly error: ErrorEvent['error']
  readonly close: Pick<CloseEvent, 'code' | 'reason' | 'wasClean' | 'error'>
}

/** Fulfilled when the socket has closed. */
export function fateOf(socket: WebSocket): Promise<Fate> {
  const events: string[] = []
  let error: Fate['error']
  for (const type of ['open', 'message', 'error', 'close']) socket.addEventListener(type, () => events.push(type))
  socket.addEventListener('error', event => {
    error = event.error
  })
  const closed = new Promise<Fate>(resolve => {
    socket.addEventListener('close', close => resolve({ events, error, close }))
  })
  return within('the close event', closed)
}

export const fate = (url: string, options?: ClientOptions, protocols?: string[]): Promise<Fate> =>
  fateOf(new WebSocket(url, protocols, options))

/** An open socket. */
export async function open(url: string, options?: ClientOptions, protocols?: string[]): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, options)
  const opened = new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', ({ error }) => reject(error))
  })
  await within('the open event', opened)
  return socket
}

/** The data of the next message. */
export const message = (socket: WebSocket): Promise<unknown> =>
  within(
    'a message',
    new Promise(resolve => socket.addEventListener('message', ({ data }) => resolve(data), { once: true })),
  )

/** Closes, and waits for the end. */
export async function close(socket: WebSocket): Promise<Fate> {
  const end = fateOf(socket)
  socket.close()
  return end
}

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await within('a rejection', promise)
  } catch (error) {
    return error
  }
  throw new Error('the promise was fulfilled')
}
