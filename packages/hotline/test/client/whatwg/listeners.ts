/** What the class has of EventTarget. */
import { messages, next, opened, type Section, said, turn, until } from './kit.ts'

const OF_NODE = "it is Node's EventTarget"

export const listenersSection: Section = {
  clause: 'DOM §2.7 and §2.9',
  href: 'https://dom.spec.whatwg.org/#interface-eventtarget',
  title: 'listeners',
  claims: [
    {
      claim: 'listeners are called once for each registration, as once and removeEventListener say',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        const seen: string[] = []
        const twice = (): void => void seen.push('added twice')
        const removed = (): void => void seen.push('removed')
        socket.addEventListener('message', twice)
        socket.addEventListener('message', twice)
        socket.addEventListener('message', () => seen.push('once'), { once: true })
        socket.addEventListener('message', removed)
        socket.removeEventListener('message', removed)
        for (const data of ['1', '2']) {
          socket.send(data)
          await message()
          await turn()
        }
        socket.close()
        return seen
      },
      expected: ['added twice', 'once', 'added twice'],
    },
    {
      claim: 'a listener can be given an AbortSignal',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const message = messages(socket)
        const controller = new AbortController()
        const seen: unknown[] = []
        socket.addEventListener('message', ({ data }) => seen.push(data), { signal: controller.signal })
        socket.send('heard')
        await message()
        await turn()
        controller.abort()
        socket.send('not heard')
        await message()
        await turn()
        socket.close()
        return seen
      },
      expected: ['heard'],
    },
    {
      claim: 'stopImmediatePropagation keeps later listeners out, the handlers of attributes too',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen: string[] = []
        socket.addEventListener('open', event => {
          seen.push('first')
          event.stopImmediatePropagation()
        })
        socket.onopen = () => seen.push('never')
        await until(() => socket.readyState === WebSocket.OPEN)
        socket.close()
        return seen
      },
      expected: ['first'],
    },
    {
      claim: 'an application may fire events of its own at a socket',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        socket.onmessage = ({ data }) => seen.push(data)
        socket.onclose = () => seen.push('close')
        socket.dispatchEvent(new MessageEvent('message', { data: 'mine' }))
        socket.dispatchEvent(new Event('close'))
        const { readyState } = socket
        socket.close()
        return [seen, readyState]
      },
      expected: [['mine', 'close'], 0],
    },

    {
      claim: 'a listener may be null, and may not be anything that is no object',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const add = socket.addEventListener as (...given: unknown[]) => void
        socket.close()
        return [null, {}, 'code', 7].map(listener => said(() => add.call(socket, 'open', listener)))
      },
      expected: ['fine', 'fine', 'TypeError', 'TypeError'],
    },
    {
      claim: 'addEventListener, removeEventListener and dispatchEvent need their arguments',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`) as unknown as Record<string, () => void>
        const outcomes = ['addEventListener', 'removeEventListener', 'dispatchEvent'].map(name =>
          said(() => socket[name]?.()),
        )
        socket['close']?.()
        return outcomes
      },
      expected: ['TypeError', 'TypeError', 'TypeError'],
    },
    {
      claim: 'dispatchEvent takes events only, and says whether nobody cancelled',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.addEventListener('open', event => event.preventDefault())
        const outcomes = [
          said(() => socket.dispatchEvent({ type: 'open' } as Event)),
          socket.dispatchEvent(new Event('open')),
          socket.dispatchEvent(new Event('open', { cancelable: true })),
        ]
        socket.close()
        return outcomes
      },
      expected: ['TypeError', true, false],
    },
    {
      claim: 'a passive listener cannot cancel',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        socket.addEventListener('open', event => event.preventDefault(), { passive: true })
        const outcome = socket.dispatchEvent(new Event('open', { cancelable: true }))
        socket.close()
        return outcome
      },
      expected: true,
      hotline: { expected: false, why: `${OF_NODE}, which knows \`passive\` and does not mind it` },
    },
    {
      claim: 'a listener with an aborted signal is not added',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        socket.addEventListener('open', () => seen.push('never'), { signal: AbortSignal.abort() })
        socket.dispatchEvent(new Event('open'))
        socket.close()
        return seen
      },
      expected: [],
    },
    {
      claim: 'a listener that another takes away in the same event is not called; one that is added waits for the next',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        const away = (): void => void seen.push('never')
        const added = (): void => void seen.push('added')
        socket.addEventListener('open', () => {
          socket.removeEventListener('open', away)
          socket.addEventListener('open', added)
        })
        socket.addEventListener('open', away)
        socket.dispatchEvent(new Event('open'))
        seen.push('again')
        socket.dispatchEvent(new Event('open'))
        socket.close()
        return seen
      },
      expected: ['again', 'added'],
    },
    {
      claim: 'the same listener for both phases is two registrations, of which capture is called first',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        socket.addEventListener('open', () => seen.push('target'))
        socket.addEventListener('open', () => seen.push('capture'), true)
        socket.dispatchEvent(new Event('open'))
        socket.close()
        return seen
      },
      expected: ['capture', 'target'],
      hotline: { expected: ['target', 'capture'], why: `${OF_NODE}, which calls listeners in their order` },
      chromium: { expected: ['target', 'capture'], why: 'Chromium calls the phases apart for elements only' },
    },
    {
      claim: 'removeEventListener needs the phase that was given to addEventListener',
      see: ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/silent`)
        const seen: string[] = []
        const listener = (): void => void seen.push('called')
        socket.addEventListener('open', listener, true)
        socket.removeEventListener('open', listener)
        socket.dispatchEvent(new Event('open'))
        socket.removeEventListener('open', listener, { capture: true })
        socket.dispatchEvent(new Event('open'))
        socket.close()
        return seen
      },
      expected: ['called'],
    },
    {
      claim: 'an event cannot be dispatched while it is being dispatched, and can again afterwards',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        let within: unknown
        const event = await new Promise<Event>(resolve => {
          socket.onopen = event => {
            within = said(() => socket.dispatchEvent(event))
            resolve(event)
          }
        })
        socket.onopen = null
        await turn()
        const after = said(() => socket.dispatchEvent(event))
        socket.close()
        return [within, after, event.isTrusted]
      },
      expected: ['InvalidStateError', 'fine', false],
      hotline: {
        expected: ['Error', 'fine', false],
        why: `${OF_NODE}, which throws an error of its own (ERR_EVENT_RECURSION)`,
      },
    },
    {
      claim: 'what waits for one listener is done before the next listener is called',
      see: async ({ WebSocket, url }) => {
        const socket = new WebSocket(`${url}/echo`)
        const seen: string[] = []
        socket.addEventListener('open', async () => {
          await undefined
          seen.push('reaction')
        })
        socket.addEventListener('open', () => seen.push('listener'))
        await next(socket, 'open')
        socket.close()
        return seen
      },
      expected: ['reaction', 'listener'],
      hotline: {
        expected: ['listener', 'reaction'],
        why: `${OF_NODE}, which calls the listeners of an event in one go; events are apart, as the standard wants`,
      },
    },
    {
      claim: 'listeners of events that there are not do no harm',
      see: async ({ WebSocket, url }) => {
        const socket = await opened(WebSocket, `${url}/echo`)
        const seen: string[] = []
        for (const type of ['ping', 'pong', 'upgrade', 'toString', '__proto__', ''])
          socket.addEventListener(type, () => seen.push(type))
        socket.dispatchEvent(new Event('__proto__'))
        socket.close()
        return seen
      },
      expected: ['__proto__'],
    },
  ],
}
