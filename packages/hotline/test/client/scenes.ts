/** What the server of the claims in whatwg.ts does, by the path of the request. */
import { CLOSE, closeFrame, frame, TEXT, type Wire } from './peer.ts'

const scenes: Readonly<Record<string, (wire: Wire) => void>> = {
  /** Sends everything back. */
  '/echo': wire => void wire.accept().echo(),
  /** Says what each message was: first byte and payload in hex. A close frame is answered by 4999 and a reason that says so. */
  '/frames': wire => {
    let count = 0
    wire.accept().onframe = ({ first, payload }) => {
      const hex = `${first.toString(16)} ${payload.toString('hex')}`
      if (first === CLOSE) endWith(wire, 4999, `${hex} after ${count}`)
      else wire.frame(TEXT, hex)
      count++
    }
  },
  /** Chooses the first subprotocol, and sends the field with all of them. */
  '/offers': wire => {
    const offers = wire.header('Sec-WebSocket-Protocol')
    const chosen = offers === undefined ? [] : [`Sec-WebSocket-Protocol: ${offers.split(',')[0]}`]
    wire.accept(chosen, frame(TEXT, offers ?? 'none')).echo()
  },
  /** Chooses the subprotocol of `?protocol=`, whatever was offered. */
  '/chosen': wire => {
    const chosen = wire.target.searchParams.get('protocol')
    wire.accept(chosen === null ? [] : [`Sec-WebSocket-Protocol: ${chosen}`]).echo()
  },
  /** Chooses an extension that nobody has offered. */
  '/extended': wire => void wire.accept(['Sec-WebSocket-Extensions: x-unheard-of']).echo(),
  /** Sends the messages 1, 2 and 3 in one write with the answer. */
  '/burst': wire => void wire.accept([], frame(TEXT, '1'), frame(TEXT, '2'), frame(TEXT, '3')).echo(),
  /** Sends a message and closes with `?code=` and `?reason=`, or without a code, in one write with the answer. */
  '/farewell': wire => {
    const { searchParams } = wire.target
    const code = searchParams.get('code')
    const close = code === null ? frame(CLOSE) : closeFrame(Number(code), searchParams.get('reason') ?? '')
    wire.accept([], frame(TEXT, 'last'), close).onframe = ({ first }) => {
      if (first === CLOSE) wire.socket.end()
    }
  },
  /** Closes with 1000, and ends the connection only when it gets a request at /hangup. */
  '/linger': wire => {
    wire.accept([], closeFrame(1000))
    lingering.push(wire)
  },
  '/hangup': wire => {
    for (const other of lingering.splice(0)) other.socket.end()
    wire.accept().echo()
  },
  /** Sends a message when it is asked to close, and then closes. */
  '/chatty': wire => {
    wire.accept().onframe = ({ first }) => {
      if (first !== CLOSE) return
      wire.frame(TEXT, 'too late')
      endWith(wire, 1000)
    }
  },
  /** Ends the connection without a closing handshake. */
  '/cut': wire => void wire.accept().socket.end(),
  /** Breaks the standard: a frame with a reserved bit. */
  '/wrong': wire => {
    wire.accept([], frame(0xc1, 'x')).onframe = ({ first }) => {
      if (first === CLOSE) wire.socket.end()
    }
  },
  /** Refuses. */
  '/refused': wire => void wire.answer(401, ['Content-Length: 0', 'Connection: close']).socket.end(),
  /** Does not answer. */
  '/silent': () => {},
  /** Sends what is asked for, one message for each character: t is text, b is binary. */
  '/kinds': wire => {
    wire.accept().onframe = ({ first, payload }) => {
      if (first === CLOSE) endWith(wire, 1000)
      else for (const kind of payload.toString()) wire.frame(kind === 't' ? TEXT : 0x82, 'abc')
    }
  },
  /** Reads nothing. */
  '/deaf': wire => void wire.accept().socket.pause(),
}

const lingering: Wire[] = []

export function play(wire: Wire): void {
  const scene = scenes[wire.target.pathname]
  if (scene === undefined) wire.answer(404, ['Content-Length: 0', 'Connection: close']).socket.end()
  else scene(wire)
}

function endWith(wire: Wire, code: number, reason?: string): void {
  wire.close(code, reason)
  wire.socket.end()
}
