/** A server whose route speaks hotline.1, and clients that are given each message as it came. */
import { decode, encode } from '@msgpack/msgpack'
import { type Closed, openSocket, RequestError } from '../../../src/client/index.ts'
import type { BackplaneOptions } from '../../../src/server/backplane-options.ts'
import type { RequestHandler, ServeOptions, ServerSocket, TopicOptions } from '../../../src/server/index.ts'
import { jsonForm } from '../../../src/topics/wire/json.ts'
import { msgpackForm } from '../../../src/topics/wire/msgpack.ts'
import { listening } from '../support.ts'

export const forms = { 'hotline.1': jsonForm, 'hotline.1.msgpack': msgpackForm({ encode, decode }) }
type Name = keyof typeof forms

/** Who a client is: A, B, … in the order in which they came. */
const names = new WeakMap<ServerSocket, string>()
const nameOf = (socket: ServerSocket): string => names.get(socket) ?? ''

const all = { subscribe: true, publish: true } as const

/** As the exchanges of docs/protocol.md have it. */
const topics: Readonly<Record<string, TopicOptions>> = {
  'chat/*': { ...all, history: { size: 100 } },
  'team/*': { ...all, presence: { grace: 10, max: 3, key: nameOf, data: socket => ({ name: nameOf(socket) }) } },
  'free/*': all,
  'prices/*': all,
}

const never: RequestHandler = (_, __, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const requests: Readonly<Record<string, RequestHandler>> = {
  add: (_, data) => (data as number[]).reduce((a, b) => a + b),
  bytes: (_, data) => (data as Uint8Array).toReversed(),
  wait: never,
  fail() {
    throw new Error('a secret of the server')
  },
  buy() {
    throw new RequestError('sold-out', 'there are none left')
  },
  async 'ask-me'(socket) {
    return `you said ${await socket.ask('colour').catch((error: RequestError) => error.answer.code)}`
  },
}

/** What a test has in place of what is here. */
type Own = Pick<
  ServeOptions<never>,
  'topics' | 'requests' | 'messagePack' | 'maxRequests' | 'requestTimeout' | 'maxQueued' | keyof BackplaneOptions
> & {
  open?: (socket: ServerSocket) => unknown
}

export async function speaking({ open, ...own }: Own = {}) {
  const sockets: ServerSocket[] = []
  const app = await listening({
    topics,
    requests,
    messagePack: { encode, decode },
    ...own,
    routes: {
      '/': {
        topics: true,
        open(socket) {
          names.set(socket, String.fromCharCode(65 + sockets.length))
          sockets.push(socket)
          return open?.(socket)
        },
        message: (socket, message) => socket.send(message),
      },
    },
  })
  const connect = (protocol?: Name) => Client.open(app.url, protocol)
  return { ...app, topics: app.server.topics, sockets, connect }
}

/** A client without any logic. */
export class Client implements AsyncDisposable {
  readonly socket: Awaited<ReturnType<typeof openSocket>>
  readonly #form
  readonly #messages: AsyncIterator<string | Uint8Array>

  private constructor(socket: Client['socket'], protocol: Name) {
    this.socket = socket
    this.#form = forms[protocol]
    this.#messages = socket[Symbol.asyncIterator]()
  }

  static async open(url: string, protocol: Name = 'hotline.1'): Promise<Client> {
    return new Client(await openSocket(url, { protocols: [protocol] }), protocol)
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : this.#form.encode(message))
  }

  /** The next message; undefined when the line has ended. */
  async next(): Promise<Record<string, unknown> | undefined> {
    const { value } = await this.#messages.next()
    return value === undefined ? undefined : (this.#form.decode(value) as Record<string, unknown>)
  }

  /** The next one that is no welcome. */
  async answer(): Promise<Record<string, unknown> | undefined> {
    const message = await this.next()
    return message?.['type'] === 'welcome' ? this.answer() : message
  }

  /** Sends, and waits for what comes. */
  ask(message: object | string): Promise<Record<string, unknown> | undefined> {
    this.send(message)
    return this.answer()
  }

  get closed(): Promise<Closed> {
    return this.socket.closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket.close()
  }
}
