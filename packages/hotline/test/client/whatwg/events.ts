/** The events that are fired: their classes and fields. */
import { type Given, next, opened, type Section, type Socket, said, turn } from './kit.ts'

const UNTRUSTED = 'only the runtime can make an event that says so: in Node, what a library fires has `isTrusted` false'

/** Class, type, bubbles, cancelable, and whether the target is the socket. */
function describe(event: Event, socket: Socket): unknown[] {
  const { type, bubbles, cancelable, target } = event
  return [event.constructor.name, type, bubbles, cancelable, target === socket]
}

/** The first event of each type in the life of a socket that fails, and of one that does not. */
async function four({ WebSocket, url }: Given): Promise<Event[]> {
  const events: Event[] = []
  for (const [path, types] of [
    ['/farewell', ['open', 'message', 'close']],
    ['/refused', ['error']],
  ] as const) {
    const socket = new WebSocket(url + path)
    const coming = types.map(type => next(socket, type) as Promise<Event>)
    events.push(...(await Promise.all(coming)))
  }
  return events
}

export const eventsSection: Section = {
  clause: 'WebSockets §4, events; DOM §2.2; HTML §9.1',
  href: 'https://websockets.spec.whatwg.org/#feedback-from-the-protocol',
  title: 'the events',
  claims: [
    {
      claim: 'the open event is an Event that does not bubble and cannot be cancelled',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const event = await next<'open'>(socket, 'open')
        socket.close()
        return describe(event, socket)
      },
      expected: ['Event', 'open', false, false, true],
    },
    {
      claim: 'the message event is a MessageEvent with the origin of the URL',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst?query`)
        const event = await next<'message'>(socket, 'message')
        socket.close()
        const { origin, lastEventId, source, ports } = event as MessageEvent
        return [...describe(event, socket), origin === url, lastEventId, source, ports.length]
      },
      expected: ['MessageEvent', 'message', false, false, true, true, '', null, 0],
    },
    {
      claim: 'the close event is a CloseEvent with wasClean, code and reason',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/farewell?code=3456&reason=why`)
        const event = (await next<'close'>(socket, 'close')) as CloseEvent
        return [...describe(event, socket), event.wasClean, event.code, event.reason, String(event)]
      },
      expected: ['CloseEvent', 'close', false, false, true, true, 3456, 'why', '[object CloseEvent]'],
    },
    {
      claim: 'the error event does not bubble and cannot be cancelled',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/refused`)
        const event = await next<'error'>(socket, 'error')
        return describe(event, socket).slice(1)
      },
      expected: ['error', false, false, true],
    },

    {
      claim: 'the events are trusted',
      see: async given => (await four(given)).map(event => event.isTrusted),
      expected: [true, true, true, true],
      hotline: { expected: [false, false, false, false], why: UNTRUSTED },
    },
    {
      claim: 'no event is composed, cancelled or passed on when it has been handled',
      see: async given => {
        const events = await four(given)
        await turn()
        return events.map(event => {
          event.preventDefault()
          return [
            event.composed,
            event.defaultPrevented,
            event.currentTarget,
            event.eventPhase,
            event.composedPath().length,
          ]
        })
      },
      expected: [1, 2, 3, 4].map(() => [false, false, null, 0, 0]),
    },
    {
      claim: 'within a listener, the event is at its target and its path is the socket',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen = await new Promise(resolve => {
          socket.onopen = event =>
            resolve([
              event.eventPhase,
              event.currentTarget === socket,
              event.srcElement === socket,
              event.composedPath().length,
              event.composedPath()[0] === socket,
            ])
        })
        socket.close()
        return seen
      },
      expected: [2, true, true, 1, true],
    },
    {
      claim: 'each event is a new one, with a time of its own that never falls',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        const events: Event[] = []
        await new Promise<void>(resolve => {
          socket.onmessage = event => {
            if (events.push(event) === 3) resolve()
          }
        })
        socket.close()
        const times = events.map(event => event.timeStamp)
        return [new Set(events).size, times.every((time, i) => i === 0 || time >= (times[i - 1] as number))]
      },
      expected: [3, true],
    },
    {
      claim: 'the error event of the standard is a plain Event; ours says why',
      see: async ({ WebSocket, url }) => {
        const event = (await next<'error'>(new WebSocket(`${url}/refused`), 'error')) as Event
        return [event instanceof Event, event.constructor.name]
      },
      expected: [true, 'Event'],
      hotline: {
        expected: [true, 'ErrorEvent'],
        why: 'beside the standard: an ErrorEvent, with `error` and `message`',
      },
    },
    {
      claim: 'the origin of a message has neither path nor user nor a port that is the default',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url.replace('//', '//user@')}/burst?query`)
        const { origin } = (await next<'message'>(socket, 'message')) as MessageEvent
        socket.close()
        return origin === url
      },
      expected: true,
    },
    {
      claim: 'the fields of a message event cannot be written, and its ports are a frozen list',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/burst`)
        const event = (await next<'message'>(socket, 'message')) as MessageEvent
        socket.close()
        const wrote = ['data', 'origin', 'source', 'ports', 'lastEventId'].map(name =>
          said(() => {
            ;(event as unknown as Record<string, unknown>)[name] = 'x'
          }),
        )
        return [...new Set(wrote), event.data, Array.isArray(event.ports), Object.isFrozen(event.ports)]
      },
      expected: ['TypeError', '1', true, true],
      hotline: {
        expected: ['TypeError', '1', true, false],
        why: "it is Node's MessageEvent, whose list of ports is not frozen",
      },
    },
    {
      claim: 'the data of an event is the same Blob each time it is read',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        socket.send('b')
        const event = (await next<'message'>(socket, 'message')) as MessageEvent
        socket.close()
        const { data } = event
        return data instanceof Blob && event.data === data
      },
      expected: true,
    },
  ],
}
