/** The ends of hotline that other implementations talk to. */
import { openSocket, WebSocket } from '../../src/client/index.ts'
import { type ServerSocket, serve } from '../../src/server/index.ts'
import { certificate } from '../support/certificate.ts'
import { Log, within } from '../support/deadline.ts'
import { type End, type Line, ours, web } from './conversation.ts'

/** How another implementation connects to a URL; `ca` is for wss. */
export type Connects = (url: string, ca: string) => Promise<End>

/** A server of another implementation: its URL, the ends that it accepts, and its end. */
export interface OtherServer extends AsyncDisposable {
  readonly url: string
  readonly accepted: Log<End>
}

export const schemes = ['ws', 'wss'] as const
type Scheme = (typeof schemes)[number]

/** A line from another implementation's client to our server. */
export const toOurServer =
  (scheme: Scheme, connect: Connects): (() => Promise<Line>) =>
  async () => {
    const tls = await certificate()
    const accepted = new Log<End>()
    const server = await serve({
      port: 0,
      maxMessage: 8 * 1_048_576,
      maxQueued: 64 * 1_048_576,
      ...(scheme === 'wss' && { tls }),
      routes: {
        '/': (socket: ServerSocket<undefined>) => {
          const end = ours(socket)
          accepted.push(end)
          return end.reading
        },
      },
    })
    const theirs = await within('a connection', connect(`${scheme}://localhost:${server.port}/`, tls.cert))
    await accepted.until('a connection', all => all.length === 1)
    return {
      ours: accepted.all[0] as End,
      theirs,
      [Symbol.asyncDispose]: async () => void (await server.close({ within: 500 })),
    }
  }

/** The clients of hotline. */
export const clients = {
  openSocket: async (url, ca) => ours(await openSocket(url, { tls: { ca }, maxQueued: 64 * 1_048_576 })),
  WebSocket: (url, ca) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, [], { tls: { ca } })
      const end = web(socket as never)
      socket.addEventListener('open', () => resolve(end))
      socket.addEventListener('error', ({ error }) => reject(error))
    }),
} satisfies Record<string, Connects>

/** A line from our client to another implementation's server. */
export const fromOurClient =
  (
    scheme: Scheme,
    connect: Connects,
    listen: (tls: Certificate | undefined) => Promise<OtherServer>,
  ): (() => Promise<Line>) =>
  async () => {
    const tls = await certificate()
    const server = await listen(scheme === 'wss' ? tls : undefined)
    const end = await within('a connection', connect(server.url, tls.cert))
    await server.accepted.until('a connection', all => all.length === 1)
    return {
      ours: end,
      theirs: server.accepted.all[0] as End,
      [Symbol.asyncDispose]: async () => {
        end.close(1000, '')
        await within('the end', end.closed)
        await server[Symbol.asyncDispose]()
      },
    }
  }

type Certificate = Awaited<ReturnType<typeof certificate>>
