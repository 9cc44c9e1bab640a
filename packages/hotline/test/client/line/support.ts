/** A line on a fake clock, over WebSockets that do what the test says. */

import { Line } from '../../../src/client/line/line.ts'
import type { ConnectOptions } from '../../../src/client/line/options.ts'
import type { LineSocket } from '../../../src/client/line/socket.ts'
import type { LineEnd, LineState } from '../../../src/client/line/state.ts'
import type { Surroundings } from '../../../src/client/line/watch.ts'
import { FakeClock, settle } from '../../../src/testing/index.ts'

export { settle }

/** What Node makes of the close event of hotline's class. */
type Failure = Pick<LineEnd, 'status' | 'refused' | 'retryAfter'>

/** A WebSocket in the test's hand. */
export class FakeSocket implements LineSocket {
  readonly url: string
  readonly protocols: readonly string[]
  protocol = ''
  readyState = 0
  bufferedAmount = 0
  binaryType = 'blob'
  onopen: unknown
  onmessage: unknown
  onclose: unknown
  onerror: unknown
  readonly sent: unknown[] = []
  closed: { readonly code: number | undefined; readonly reason: string | undefined } | undefined

  constructor(url: string, protocols: readonly string[]) {
    this.url = url
    this.protocols = protocols
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(code?: number, reason?: string): void {
    this.closed ??= { code, reason }
  }

  /** The server accepts. */
  open(protocol = ''): this {
    this.protocol = protocol
    this.readyState = 1
    call(this.onopen, {})
    return this
  }

  /** A message of the server comes. */
  receive(data: string | ArrayBuffer): void {
    call(this.onmessage, { data })
  }

  /** The connection ends, or comes to nothing. */
  end(code = 1006, reason = '', failure?: Failure): void {
    this.readyState = 3
    call(this.onclose, { code, reason, failure })
  }
}

const call = (handler: unknown, event: object): void => void (handler as ((event: object) => void) | null)?.(event)

/** A window, as far as a line looks at one. */
class FakeWindow extends EventTarget implements Surroundings {
  readonly document = { visibilityState: 'visible' }

  show(visibilityState: 'visible' | 'hidden'): void {
    this.document.visibilityState = visibilityState
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

/** A clock that a machine can sleep through: time passes, and no timer is called. */
class SleepingClock extends FakeClock {
  #slept = 0

  override now(): number {
    return super.now() + this.#slept
  }

  sleep(ms: number): void {
    this.#slept += ms
  }
}

/** A line whose waits are as long as they may be (`random: () => 1`), unless the test says otherwise. */
export function fakeLine(options: ConnectOptions = {}, url: ConstructorParameters<typeof Line>[0] = 'ws://server/') {
  const clock = new SleepingClock()
  const around = new FakeWindow()
  const sockets: FakeSocket[] = []
  const WebSocket = class extends FakeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
  const explain = (event: { failure?: Failure }): Partial<LineEnd> => event.failure ?? {}
  const report = (error: unknown): void => {
    throw error
  }
  const line = new Line(
    url,
    { protocols: [], clock, random: () => 1, report, ...options },
    { WebSocket, around, explain },
  )
  const states: LineState[] = []
  line.on('status', state => states.push(state))
  /** The newest WebSocket, once it is there. */
  const socket = async (): Promise<FakeSocket> => {
    await settle()
    return sockets.at(-1) as FakeSocket
  }
  return { line, clock, around, sockets, states, socket }
}
