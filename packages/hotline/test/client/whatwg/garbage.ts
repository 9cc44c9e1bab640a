/** What the collector of garbage may not take. */
import { closed, type Given, messages, next, opened, type Section, turn } from './kit.ts'

/** Waits with nothing held, while what is not held is collected. */
async function collectOften({ collect }: Given): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await collect()
    await turn()
  }
}

export const garbageSection: Section = {
  clause: 'WebSockets §7',
  href: 'https://websockets.spec.whatwg.org/#garbage-collection',
  title: 'garbage collection',
  claims: [
    {
      claim: 'a connecting socket that has only a listener of the open event is not collected',
      see: async given => {
        const { WebSocket, url, other } = given
        const name = Math.random()
        const opening = (() => {
          const socket = new WebSocket(`${url}/late?name=${name}`)
          return new Promise<string>(resolve => {
            socket.onopen = event => resolve(event.type)
          })
        })()
        await collectOften(given)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        second.close()
        return opening
      },
      expected: 'open',
    },
    ...(['message', 'close'] as const).map(type => ({
      claim: `an open socket that has only a listener of the ${type} event is not collected`,
      see: async (given: Given) => {
        const { WebSocket, url, other } = given
        const name = Math.random()
        const coming = (async () => {
          const socket = await opened(WebSocket, `${url}/late-farewell?name=${name}`)
          return { event: next(socket, type) as Promise<Event> }
        })()
        const { event } = await coming
        await collectOften(given)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        second.close()
        return (await event).type
      },
      expected: type,
    })),
    {
      claim: 'a closing socket that has only a listener of the close event is not collected',
      see: async given => {
        const { WebSocket, url, other } = given
        const name = Math.random()
        const coming = (async () => {
          const socket = await opened(WebSocket, `${url}/late-close?name=${name}`)
          socket.close(3000)
          return { event: closed(socket) }
        })()
        const { event } = await coming
        await collectOften(given)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        second.close()
        const { code, wasClean } = await event
        return [code, wasClean]
      },
      expected: [3000, true],
    },
    {
      claim: 'a socket with data that has not left is not collected, without any listener',
      see: async given => {
        const { WebSocket, url, other } = given
        const name = Math.random()
        await (async () => {
          const socket = await opened(WebSocket, `${url}/slow?name=${name}`)
          socket.send(new Uint8Array(24_000_000))
          socket.close(3000)
        })()
        await collectOften(given)
        const second = await opened(WebSocket, `${other}/second?name=${name}`)
        const { data } = await messages(second)()
        second.close()
        return data
      },
      expected: '1 of 24000000 bytes, 88 0bb8',
    },
    {
      claim: 'an open socket that nobody listens to is kept, or closed with a handshake without a code: never just cut',
      see: async given => {
        const { WebSocket, url, other } = given
        const name = Math.random()
        await (async () => {
          await opened(WebSocket, `${url}/watched?name=${name}`)
        })()
        await collectOften(given)
        const second = await opened(WebSocket, `${other}/seen?name=${name}`)
        const { data } = await messages(second)()
        second.close()
        return ['open', '88 '].includes(data as string)
      },
      expected: true,
    },
    {
      claim: 'a socket that is closed and that nobody holds is collected',
      see: async given => {
        const { WebSocket, url } = given
        const reference = await (async () => {
          const socket = await opened(WebSocket, `${url}/echo`)
          socket.onmessage = () => socket
          socket.close()
          await closed(socket)
          return new WeakRef(socket)
        })()
        for (let i = 0; i < 20 && reference.deref() !== undefined; i++) await collectOften(given)
        return reference.deref() === undefined
      },
      expected: true,
    },
  ],
}
