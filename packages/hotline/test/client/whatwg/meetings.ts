/** Scenes of two sockets with the same `?name=`: what one of them does is told to the other, or waits for it. */
import { CLOSE, closeFrame, frame, TEXT, type Wire } from '../peer.ts'

interface Meeting {
  /** How many came at /counted. */
  count: number
  /** Fulfilled with the socket that comes second. */
  readonly second: Promise<Wire>
  readonly arrive: (wire: Wire) => void
  /** Fulfilled with what the first has to tell. */
  readonly told: Promise<string>
  readonly tell: (what: string) => void
  /** The first, and the close frame that it got. */
  first?: Wire
  closed?: string
}

const all = new Map<string, Meeting>()

function meetingOf(wire: Wire): Meeting {
  const name = wire.target.searchParams.get('name') ?? ''
  const meeting = all.get(name) ?? newMeeting()
  all.set(name, meeting)
  return meeting
}

function newMeeting(): Meeting {
  let arrive = (_: Wire): void => {}
  let tell = (_: string): void => {}
  const second = new Promise<Wire>(resolve => (arrive = resolve))
  const told = new Promise<string>(resolve => (tell = resolve))
  return { count: 0, second, arrive, told, tell }
}

/** The first of two: accepts, and remembers its close frame. */
function first(wire: Wire, onclose: () => void = () => wire.socket.end()): Meeting {
  const meeting = meetingOf(wire)
  meeting.first = wire
  wire.accept().onframe = ({ first, payload }) => {
    if (first !== CLOSE) return
    meeting.closed = `88 ${payload.toString('hex')}`
    meeting.tell(meeting.closed)
    wire.frame(CLOSE, payload)
    onclose()
  }
  return meeting
}

/** Calls back for each message or control frame with its first byte, its size and its last payload: a client may fragment. */
export function wholeMessages(wire: Wire, act: (first: number, size: number, last: Buffer) => void): void {
  let [begun, size] = [0, 0]
  wire.onframe = ({ first, payload }) => {
    if (first & 0x08) return act(first, payload.length, payload)
    begun ||= first | 0x80
    size += payload.length
    if (!(first & 0x80)) return
    act(begun, size, payload)
    ;[begun, size] = [0, 0]
  }
}

export const meetings: Readonly<Record<string, (wire: Wire) => void>> = {
  /** Says how many have come with this name. */
  '/counted': wire => {
    const meeting = meetingOf(wire)
    wire.accept([], frame(TEXT, `${++meeting.count}`)).echo()
  },
  /** Closes with 1000, and ends the connection only when the second comes. */
  '/linger': wire => {
    const { second } = meetingOf(wire)
    wire.accept([], closeFrame(1000))
    second.then(() => wire.socket.end())
  },
  /** Does not answer. The second is told when it has come, and when it has gone. */
  '/hung': wire => {
    const { second } = meetingOf(wire)
    second.then(other => other.frame(TEXT, 'connected'))
    wire.socket.once('close', () => second.then(other => other.frame(TEXT, 'gone')))
  },
  /** Closes with `?code=`; the answer is told at /told. */
  '/dismissed': wire => {
    const meeting = meetingOf(wire)
    wire.accept([], closeFrame(Number(wire.target.searchParams.get('code')))).onframe = ({ first, payload }) => {
      meeting.tell(`${first.toString(16)} ${payload.toString('hex')}`)
      wire.socket.end()
    }
  },
  /** Reads nothing, until it is killed by the second. */
  '/deaf': wire => {
    wire.accept().socket.pause()
    meetingOf(wire).second.then(() => wire.socket.resetAndDestroy())
  },
  /** Answers when the second comes. */
  '/late': wire => void meetingOf(wire).second.then(() => wire.accept().echo()),
  /** Sends a message and closes when the second comes. */
  '/late-farewell': wire => {
    first(wire).second.then(() => wire.socket.write(Buffer.concat([frame(TEXT, 'last'), closeFrame(1000)])))
  },
  /** Answers a close frame when the second comes. */
  '/late-close': wire => {
    const { second } = meetingOf(wire)
    wire.accept().onframe = ({ payload }) =>
      second.then(() => {
        wire.frame(CLOSE, payload)
        wire.socket.end()
      })
  },
  /** Reads nothing until the second comes; tells it what came. */
  '/slow': wire => {
    const { second } = meetingOf(wire)
    let [count, size] = [0, 0]
    wire.accept()
    wholeMessages(wire, (first, length, payload) => {
      if (first === CLOSE) {
        const seen = `${count} of ${size} bytes, 88 ${payload.toString('hex')}`
        second.then(other => other.frame(TEXT, seen))
        wire.frame(CLOSE, payload)
        wire.socket.end()
      }
      count++
      size += length
    })
    wire.socket.pause()
    second.then(() => wire.socket.resume())
  },
  /** Remembers whether it was closed. */
  '/watched': wire => void first(wire),
  /** Says whether the first is open, cut, or what it was closed with. */
  '/seen': wire => {
    const { first, closed } = meetingOf(wire)
    wire.accept([], frame(TEXT, closed ?? (first?.socket.destroyed === false ? 'open' : 'cut'))).echo()
  },
  /** Says what the first has told. */
  '/told': wire => {
    wire.accept().echo()
    meetingOf(wire).told.then(what => wire.frame(TEXT, what))
  },
  /** The second. */
  '/second': wire => meetingOf(wire).arrive(wire.accept().echo()),
}
