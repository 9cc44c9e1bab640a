/** A server whose lines speak hotline.1, and clients that are given each message as it came. */
import { decode, encode } from 'msgpackr'
import { type Closed, openSocket, RequestError } from '../../../src/client/index.ts'
import { nodeRuntime } from '../../../src/runtime/node/runtime.ts'
import type { ServerSocket } from '../../../src/server/index.ts'
import { Line } from '../../../src/server/subprotocol/line.ts'
import type { LineRules } from '../../../src/server/subprotocol/policy.ts'
import { PLAIN, type TopicRules } from '../../../src/topics/rules.ts'
import { Topics } from '../../../src/topics/topics.ts'
import { jsonForm } from '../../../src/topics/wire/json.ts'
import { msgpackForm } from '../../../src/topics/wire/msgpack.ts'
import { listening } from '../support.ts'

export const forms = { 'hotline.1': jsonForm, 'hotline.1.msgpack': msgpackForm({ encode, decode }) }
type Name = keyof typeof forms

const history = { size: 100, age: Number.POSITIVE_INFINITY, bytes: 1_048_576 }
const rules: [string, TopicRules][] = [
  ['chat/*', { ...PLAIN, history }],
  ['team/*', { ...PLAIN, presence: { grace: 10, max: 3 } }],
]

/** What may be done with a topic that begins so. */
const open = /^(chat|team|free|prices)\//

/** Who a client is: A, B, … in the order in which they came. */
const names = new WeakMap<ServerSocket, string>()

const never = (_: ServerSocket, __: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

export async function speaking(own: Partial<LineRules> = {}) {
  const topics = new Topics({ clock: nodeRuntime.clock, random: () => crypto.randomUUID(), rules })
  const lines = new Map<ServerSocket, Line>()
  const failures: unknown[] = []
  const lineRules: Omit<LineRules, 'form'> = {
    policy: {
      maySubscribe: (_, topic) => open.test(topic),
      mayPublish: (_, topic) => open.test(topic),
      memberOf: socket => ({ key: names.get(socket) as string, data: { name: names.get(socket) } }),
    },
    requests: {
      add: (_: ServerSocket, [a, b]: readonly number[]) => (a as number) + (b as number),
      bytes: (_: ServerSocket, data: Uint8Array) => data.toReversed(),
      wait: never,
      fail: () => {
        throw new Error('a secret of the server')
      },
      buy: () => {
        throw new RequestError('sold-out', 'there are none left')
      },
      'ask-me': async (socket: ServerSocket) => {
        const answer = lines.get(socket)?.request('colour', undefined)
        return `you said ${await answer?.catch((error: RequestError) => error.answer.code)}`
      },
    },
    heartbeat: 25_000,
    maxSubscriptions: 1000,
    maxRequests: 100,
    requestTimeout: 30_000,
    report: error => failures.push(error),
    ...own,
  }
  const app = await listening({
    routes: {
      '/': {
        protocols: Object.keys(forms),
        open(socket: ServerSocket) {
          names.set(socket, String.fromCharCode(65 + lines.size))
          const form = forms[socket.protocol as Name]
          lines.set(socket, new Line({ socket, topics, rules: { ...lineRules, form }, clock: nodeRuntime.clock }))
        },
        message: (socket, message) => lines.get(socket)?.handle(message),
        close: (socket, { code, reason }) => lines.get(socket)?.closed(code, reason),
      },
    },
  })
  return { ...app, topics, lines, failures, connect: (protocol?: Name) => Client.open(app.url, protocol) }
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
