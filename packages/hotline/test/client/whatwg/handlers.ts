/** The attributes onopen, onmessage, onerror and onclose. */
import { HANDLERS, messages, next, opened, type Section, turn } from './kit.ts'

export const handlersSection: Section = {
  clause: 'WebSockets §3.1, event handlers; HTML §8.1.8.1',
  href: 'https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes',
  title: 'event handler attributes',
  claims: [
    {
      claim: 'an event handler attribute holds functions and objects; everything else is null',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.close()
        const object = {}
        const handler = (): void => {}
        return HANDLERS.map(name =>
          [handler, object, 'code', 7, true, undefined, null, handler].map(value => {
            Reflect.set(socket, name, value)
            return Reflect.get(socket, name) === value ? 'kept' : Reflect.get(socket, name)
          }),
        )
      },
      expected: HANDLERS.map(() => ['kept', 'kept', null, null, null, null, 'kept', 'kept']),
    },
    {
      claim: 'a handler that is replaced keeps its place among the listeners; one that was taken away is added anew',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen: string[] = []
        const note = (name: string) => (): void => void seen.push(name)
        socket.onopen = note('first handler')
        socket.addEventListener('open', note('listener'))
        socket.onopen = note('second handler')
        socket.onmessage = note('taken away')
        socket.addEventListener('message', note('listener of messages'))
        socket.onmessage = null
        socket.onmessage = note('added anew')
        await next(socket, 'open')
        socket.send('x')
        await next(socket, 'message')
        socket.close()
        return seen
      },
      expected: ['second handler', 'listener', 'listener of messages', 'added anew'],
    },
    {
      claim:
        'a handler is called with the socket as this and the event; the handleEvent of an object in an attribute is not',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen: unknown[] = []
        socket.onopen = function (this: unknown, ...given: unknown[]) {
          seen.push(this === socket, given.length, (given[0] as Event).type)
        }
        Reflect.set(socket, 'onmessage', { handleEvent: () => seen.push('never') })
        socket.addEventListener('message', {
          handleEvent(this: object, event: Event) {
            seen.push('handleEvent' in this, event.type)
          },
        } as never)
        await next(socket, 'open')
        socket.send('x')
        await next(socket, 'message')
        socket.close()
        return seen
      },
      expected: [true, 1, 'open', true, 'message'],
    },

    {
      claim: 'a symbol and a bigint are no handlers either, and setting them does not throw',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.close()
        return [Symbol('x'), 1n, Number.NaN].map(value => {
          socket.onopen = () => {}
          return [Reflect.set(socket, 'onopen', value), socket.onopen]
        })
      },
      expected: [1, 2, 3].map(() => [true, null]),
    },
    {
      claim: 'a handler that was replaced is not called any more, and the new one is called once',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        const seen: string[] = []
        socket.onmessage = () => seen.push('old')
        socket.onmessage = () => seen.push('new')
        const { onmessage } = socket
        socket.onmessage = onmessage
        socket.send('t')
        await next(socket, 'message')
        socket.close()
        return seen
      },
      expected: ['new'],
    },
    {
      claim:
        'a function that is handler and listener is called twice, and removeEventListener does not take the handler away',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/kinds`)
        const message = messages(socket)
        let count = 0
        const listener = (): void => void count++
        socket.onmessage = listener
        socket.addEventListener('message', listener)
        socket.send('t')
        await message()
        await turn()
        const twice = count
        socket.removeEventListener('message', listener)
        socket.send('t')
        await message()
        await turn()
        socket.close()
        return [twice, count]
      },
      expected: [2, 3],
    },
    {
      claim:
        'a handler that a listener before it replaces is called as the new one; one that it takes away is not called',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        socket.addEventListener('open', () => {
          socket.onopen = () => seen.push('new')
        })
        socket.onopen = () => seen.push('old')
        socket.addEventListener('error', () => {
          socket.onerror = null
        })
        socket.onerror = () => seen.push('taken away')
        for (const type of ['open', 'error']) socket.dispatchEvent(new Event(type))
        socket.close()
        return seen
      },
      expected: ['new'],
    },
    {
      claim: 'a handler that is set by a listener of the same event waits for the next one',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        socket.addEventListener('open', () => {
          socket.onopen ??= () => seen.push('handler')
          seen.push('listener')
        })
        for (let i = 0; i < 2; i++) socket.dispatchEvent(new Event('open'))
        socket.close()
        return seen
      },
      expected: ['listener', 'listener', 'handler'],
    },
    {
      claim: 'a handler that gives back false cancels the event, one that gives back something else does not',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen = [false, undefined, 0, '', null, true].map(value => {
          socket.onopen = () => value
          return socket.dispatchEvent(new Event('open', { cancelable: true }))
        })
        socket.onerror = () => true
        seen.push(socket.dispatchEvent(new Event('error', { cancelable: true })))
        socket.close()
        return seen
      },
      expected: [false, true, true, true, true, true, true],
    },
    {
      claim: 'what a listener gives back does not cancel the event',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.addEventListener('open', () => false)
        const outcome = socket.dispatchEvent(new Event('open', { cancelable: true }))
        socket.close()
        return outcome
      },
      expected: true,
    },
    {
      claim: 'handlers of two sockets are their own',
      see: ({ WebSocket, url }) => {
        const [one, two] = [new WebSocket(`${url}/silent`), new WebSocket(`${url}/silent`)]
        const seen: string[] = []
        one.onopen = () => seen.push('one')
        two.onopen = () => seen.push('two')
        two.dispatchEvent(new Event('open'))
        one.close()
        two.close()
        return seen
      },
      expected: ['two'],
    },
    {
      claim: 'what a handler throws is reported, and the listeners behind it are called',
      see: async ({ WebSocket, url, uncaught }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen: string[] = []
        const faults = await uncaught(async () => {
          socket.onopen = () => {
            throw new Error('by the handler')
          }
          socket.addEventListener('open', {
            handleEvent() {
              throw new Error('by an object')
            },
          })
          socket.addEventListener('open', () => seen.push('called'))
          await next(socket, 'open')
        })
        socket.close()
        return [seen, faults]
      },
      expected: [['called'], ['by the handler', 'by an object']],
    },
    {
      claim: 'a handler that throws in the error event does not keep the close event from coming',
      see: async ({ WebSocket, url, uncaught }) => {
        const socket = new WebSocket(`${url}/refused`)
        const seen: unknown[] = []
        const faults = await uncaught(async () => {
          socket.onerror = () => {
            throw new Error('by onerror')
          }
          socket.onclose = ({ code }) => seen.push(code)
          await next(socket, 'close')
        })
        return [seen, faults]
      },
      expected: [[1006], ['by onerror']],
    },
    {
      claim: 'each handler has its own type of event',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        for (const name of HANDLERS) Reflect.set(socket, name, (event: Event) => seen.push(`${name} ${event.type}`))
        for (const type of ['close', 'error', 'message', 'open', 'other']) socket.dispatchEvent(new Event(type))
        socket.close()
        return seen
      },
      expected: ['onclose close', 'onerror error', 'onmessage message', 'onopen open'],
    },
  ],
}
