/** What the server of the claims does, by the path of the request. */

import { CLOSE, closeFrame, frame, TEXT, type Wire } from '../peer.ts'
import { answers } from './answers.ts'
import { meetings, wholeMessages } from './meetings.ts'

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
  /** Sends the head of the request. */
  '/head': wire => {
    const offers = wire.header('Sec-WebSocket-Protocol')
    const chosen = offers === undefined ? [] : [`Sec-WebSocket-Protocol: ${offers.split(',')[0]}`]
    wire.accept(chosen, frame(TEXT, wire.head)).echo()
  },
  /** Agrees on permessage-deflate with `?parameters=`, and on `?protocol=`. */
  '/deflated': wire => {
    const { searchParams } = wire.target
    const [protocol, parameters] = [searchParams.get('protocol'), searchParams.get('parameters')]
    const fields = [`Sec-WebSocket-Extensions: permessage-deflate${parameters === null ? '' : `; ${parameters}`}`]
    if (protocol !== null) fields.push(`Sec-WebSocket-Protocol: ${protocol}`)
    wire.accept(fields).echo()
  },
  /** Sends the bytes of `?hex=` in one write with the answer. */
  '/bytes': wire => {
    const hex = wire.target.searchParams.get('hex') ?? ''
    const closes = /88(00|02....)$/.test(hex)
    wire.accept([], Buffer.from(hex, 'hex')).onframe = ({ first, payload }) => {
      if (first !== CLOSE) return
      if (!closes) wire.frame(CLOSE, payload)
      wire.socket.end()
    }
  },
  /** Says what each message was: first byte and size. */
  '/sizes': wire => {
    wire.accept()
    wholeMessages(wire, (first, size) => {
      if (first === CLOSE) endWith(wire, 1000)
      else wire.frame(TEXT, `${first.toString(16)} ${size}`)
    })
  },
  /** Answers a close frame by how many messages of how many bytes came. */
  '/tally': wire => {
    let [count, size] = [0, 0]
    wire.accept()
    wholeMessages(wire, (first, length) => {
      if (first === CLOSE) endWith(wire, 1000, `${count} of ${size} bytes`)
      count++
      size += length
    })
  },
  /** Answers a close frame by hanging up. */
  '/rude': wire => {
    wire.accept().onframe = ({ first }) => {
      if (first === CLOSE) wire.socket.end()
    }
  },
  /** Sends more behind its close frame: a message and what is no frame. */
  '/afterwards': wire => {
    wire.accept([], closeFrame(1000, 'over'), frame(TEXT, 'ghost'), Buffer.of(0xff, 0xff)).onframe = ({ first }) => {
      if (first === CLOSE) wire.socket.end()
    }
  },
  /** Closes, and hangs up at once. */
  '/brief': wire => void wire.accept([], closeFrame(4321)).socket.end(),
  /** Cuts the connection without a word, as far as TCP can. */
  '/reset': wire => void wire.accept().socket.resetAndDestroy(),
  /** Hangs up within a message. */
  '/torn': wire => void wire.accept([], Buffer.from('8105', 'hex'), Buffer.from('ab')).socket.end(),
  /** Asks whether somebody is there, and says what was answered. */
  '/pinging': wire => {
    wire.accept([], frame(0x89, 'hello')).onframe = ({ first, payload }) => {
      if (first === CLOSE) endWith(wire, 1000)
      else wire.frame(TEXT, `${first.toString(16)} ${payload.toString('hex')}`)
    }
  },
  /** Pings between a close frame and its answer. */
  '/pingback': wire => {
    wire.accept().onframe = ({ first, payload }) => {
      if (first !== CLOSE) return
      wire.frame(0x89, 'late')
      wire.frame(CLOSE, payload)
      wire.socket.end()
    }
  },
  ...answers,
  ...meetings,
}

export function play(wire: Wire): void {
  const scene = scenes[wire.target.pathname.replace(/(?<=.)\/.*/, '')]
  if (scene === undefined) wire.answer(404, ['Content-Length: 0', 'Connection: close']).socket.end()
  else scene(wire)
}

function endWith(wire: Wire, code: number, reason?: string): void {
  wire.close(code, reason)
  wire.socket.end()
}
