/** The WebSocket below the line: it counts what comes, and where the browser allows it, it can read slowly. */
import type { ConnectOptions } from 'hotline/client'
import { SlowSocket } from './slow.ts'

export interface Wire {
  readonly socket: NonNullable<ConnectOptions['WebSocket']>
}

/** Told of each message that came: its bytes, with the header of its frame. RFC 6455 §5.2 */
export type Came = (bytes: number) => void

const utf8 = new TextEncoder()

/** Most of it is ASCII, whose length is known without a copy. */
function sizeOf(data: unknown): number {
  const size = typeof data === 'string' ? textSize(data) : data instanceof ArrayBuffer ? data.byteLength : 0
  return size + (size < 126 ? 2 : size < 65_536 ? 4 : 10)
}

const textSize = (text: string): number => (/^\p{ASCII}*$/u.test(text) ? text.length : utf8.encode(text).length)

/** The browser's own class, which reads as fast as it can, whatever the page does. */
export function eagerWire(came: Came): Wire {
  return {
    socket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols)
        this.addEventListener('message', ({ data }) => came(sizeOf(data)))
      }
    },
  }
}

/** Reads no more than so many messages a second. */
export function slowWire(came: Came, perSecond: number): Wire {
  return {
    socket: class extends SlowSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, perSecond, data => came(sizeOf(data)))
      }
    },
  }
}
