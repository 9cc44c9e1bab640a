/** An application for browsers, as a user would write it: bundled and compiled by browser.test.ts. */
import {
  type BinaryType,
  type ClientOptions,
  type Close,
  CloseCode,
  CloseEvent,
  type CloseEventInit,
  ErrorEvent,
  type EventHandler,
  HandshakeError,
  type Heartbeat,
  type Limits,
  type TlsClientOptions,
  WebSocket,
  type WebSocketData,
  type WebSocketEventMap,
} from 'hotline'

/** What an application may name, in Node and in a browser. */
interface Names {
  options: ClientOptions & Limits & { heartbeat: Heartbeat; tls: TlsClientOptions }
  socket: WebSocket
  data: WebSocketData
  kind: BinaryType
  close: Close & CloseEventInit
  events: WebSocketEventMap & { close: CloseEvent; error: ErrorEvent }
  handler: EventHandler<Event>
}

export { CloseCode, CloseEvent, ErrorEvent, HandshakeError, WebSocket }

/** Says hello, and gives back the first answer. */
export function hello(url: string, options?: Names['options']): Promise<unknown> {
  const socket: Names['socket'] = new WebSocket(url, [], options)
  socket.onopen = () => socket.send('hello')
  return new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) => resolve(data)
    socket.onerror = ({ error }) => reject(error)
    socket.onclose = ({ code }: Names['events']['close']) => reject(new Error(`closed with ${code}`))
  }).finally(() => socket.close(CloseCode.normal))
}
