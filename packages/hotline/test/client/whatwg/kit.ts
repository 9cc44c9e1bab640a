/**
 * What the claims are made of. They know nothing of Node, so that whatwg.test.ts runs each of them on our class and on
 * Chromium's.
 */
export type Class = typeof import('../../../src/client/websocket.ts').WebSocket
export type Socket = InstanceType<Class>

/** What a claim is given by the engine that it runs on. */
export interface Given {
  readonly WebSocket: Class
  /** The URL of a server that plays scenes.ts. */
  readonly url: string
  /** Another, for a second socket: browsers open no connection to a server while they wait for its answer to another. */
  readonly other: string
  /** Collects what nobody holds. */
  readonly collect: () => Promise<void>
  /** Runs, and gives back the messages of the exceptions that nobody caught meanwhile. */
  readonly uncaught: (act: () => Promise<void>) => Promise<string[]>
}

/** What an engine does that departs from the claim, and why. */
export interface Departure {
  readonly expected: unknown
  readonly why: string
}

export interface Claim {
  readonly claim: string
  /** What can be seen, as something that JSON can say. */
  readonly see: (given: Given) => unknown
  /** What the standard wants. */
  readonly expected: unknown
  /** Where our class does otherwise. */
  readonly hotline?: Departure
  /** Where Chromium does otherwise. */
  readonly chromium?: Departure
}

/** The claims about a clause. */
export interface Section {
  /** The standard and the clause, such as `WebSockets §3.1`. */
  readonly clause: string
  /** Where to read it. */
  readonly href: string
  /** What it is about. */
  readonly title: string
  readonly claims: readonly Claim[]
}

/** The name of what is thrown, or what comes of it. */
export function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return (error as Error).name
  }
}

export const said = (act: () => unknown): unknown =>
  attempt(() => {
    act()
    return 'fine'
  })

export const next = <K extends 'open' | 'message' | 'error' | 'close'>(socket: Socket, type: K): Promise<never> =>
  new Promise(resolve => socket.addEventListener(type, resolve as never, { once: true }))

export const closed = (socket: Socket): Promise<{ code: number; reason: string; wasClean: boolean }> =>
  next(socket, 'close')

export async function opened(WebSocket: Class, url: string, protocols?: string | string[]): Promise<Socket> {
  const socket = new WebSocket(url, protocols)
  await next(socket, 'open')
  return socket
}

/** Takes the messages of a socket, one after the other. */
export function messages(socket: Socket): () => Promise<MessageEvent> {
  const come: MessageEvent[] = []
  let wanted: (() => void) | undefined
  socket.addEventListener('message', event => {
    come.push(event)
    wanted?.()
  })
  return async () => {
    while (come.length === 0) await new Promise<void>(resolve => (wanted = resolve))
    return come.shift() as MessageEvent
  }
}

/** The data of so many echoes; then the socket is closed. */
export async function echoes(
  given: Given,
  send: (socket: Socket) => void,
  count: number,
  path = '/echo',
): Promise<unknown[]> {
  const socket = await opened(given.WebSocket, given.url + path)
  socket.binaryType = 'arraybuffer'
  const message = messages(socket)
  send(socket)
  const data: unknown[] = []
  while (data.length < count) data.push(hexOf((await message()).data))
  socket.close()
  await closed(socket)
  return data
}

export const hexOf = (data: unknown): unknown =>
  data instanceof ArrayBuffer
    ? Array.from(new Uint8Array(data), byte => byte.toString(16).padStart(2, '0')).join(' ')
    : data

/** Everything that is fired at a socket until it is closed, and a turn later, with the state at that time. */
export async function history(socket: Socket): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const type of ['open', 'message', 'error', 'close'] as const) {
    socket.addEventListener(type, event => {
      const { code, reason, wasClean } = event as unknown as Record<string, unknown>
      const more =
        type === 'close' ? [code, reason, wasClean] : type === 'message' ? [(event as MessageEvent).data] : []
      seen.push([type, socket.readyState, ...more])
    })
  }
  await closed(socket)
  await turn()
  return seen
}

/** The history of a socket that should not open; one that does is closed. */
export function doomed(socket: Socket): Promise<unknown[]> {
  socket.addEventListener('open', () => socket.close())
  return history(socket)
}

/** A task of its own. */
export const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn()
}

/** A try at the constructor: the URL that comes of it, or the name of the error. */
export function construct({ WebSocket }: Given, ...parameters: readonly unknown[]): unknown {
  return attempt(() => {
    const socket = new WebSocket(...(parameters as [string]))
    socket.close()
    return socket.url
  })
}

/** A try at close() while connecting. */
export function closing({ WebSocket, url }: Given, parameters: readonly unknown[]): unknown {
  const socket = new WebSocket(`${url}/silent`)
  const outcome = said(() => socket.close(...(parameters as [number])))
  socket.close()
  return outcome
}

export const READ_ONLY = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol']
export const HANDLERS = ['onopen', 'onmessage', 'onerror', 'onclose']
